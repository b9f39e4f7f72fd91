# apt(8) dpkg(1) dnf(8) pacman(8) apk(8) brew(1) snap(8) flatpak(1)
tool dpkg rpm pacman
default high install.code changes what is installed
flag -l,-L,-s,-S,-W,-p,--list,--status,--search,--listfiles,-q,-qa,-ql,-qf,-qi,-Q,-Qi,-Ql,-Qo,-Ss,-Si,-V,--verify,--print-architecture lowers
flag -i,--install,-r,--remove,-P,--purge,-U,-e,-R,-S,--unpack,--configure high install.code changes what is installed
