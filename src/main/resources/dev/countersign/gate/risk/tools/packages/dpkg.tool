# apt(8) dpkg(1) dnf(8) pacman(8) apk(8) brew(1) snap(8) flatpak(1)
tool dpkg
default high install.code changes what is installed
flag -l,-L,-s,-S,-p,-W,-V,--list,--status,--search,--listfiles,--verify,--print-architecture,--get-selections,--audit,-C lowers
flag -i,--install,-r,--remove,-P,--purge,--unpack,--configure high install.code changes what is installed

tool rpm
default high install.code changes what is installed
flag -q,-qa,-ql,-qf,-qi,-qip,-qlp,--query,-V,--verify lowers
flag -i,--install,-U,-F,-e,--erase high install.code changes what is installed

tool pacman
default high install.code changes what is installed
flag -l,-L,-s,-S,-W,-p,--list,--status,--search,--listfiles,-q,-qa,-ql,-qf,-qi,-Q,-Qi,-Ql,-Qo,-Ss,-Si,-V,--verify,--print-architecture lowers
flag -i,--install,-r,--remove,-P,--purge,-U,-e,-R,-S,--unpack,--configure high install.code changes what is installed
