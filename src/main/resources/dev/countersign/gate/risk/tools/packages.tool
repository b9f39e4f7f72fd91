# apt(8) dpkg(1) dnf(8) pacman(8) apk(8) brew(1) snap(8) flatpak(1)
tool apt apt-get aptitude dnf yum microdnf zypper apk brew snap flatpak nix-env nix port emerge xbps-install guix choco winget scoop
default high install.code changes what is installed
flag -o,-c,-t,--target-release =value
flag -s,--simulate,--dry-run,--just-print lowers
sub list,search,show,info,policy,depends,rdepends,madison,moo,--version,doctor,deps,leaves,config,home,desc,cat,list-installed,repoquery,provides,why read
sub download,source,update high net.request asks package servers
tool apt-cache apt-mark apt-config dpkg-query apt-file rpm-query
default read
sub hold,unhold,auto,manual high install.code
tool dpkg rpm pacman
default high install.code changes what is installed
flag -l,-L,-s,-S,-W,-p,--list,--status,--search,--listfiles,-q,-qa,-ql,-qf,-qi,-Q,-Qi,-Ql,-Qo,-Ss,-Si,-V,--verify,--print-architecture lowers
flag -i,--install,-r,--remove,-P,--purge,-U,-e,-R,-S,--unpack,--configure high install.code changes what is installed
tool add-apt-repository apt-key update-alternatives
default high install.source changes where code comes from
tool nvm fnm volta n pyenv rbenv sdk jenv goenv tfenv corepack
default high install.code changes the toolchain
sub ls,list,current,version,versions,which,use read
