# apt(8) dpkg(1) dnf(8) pacman(8) apk(8) brew(1) snap(8) flatpak(1)
tool apt apt-get aptitude dnf yum microdnf zypper apk brew snap flatpak nix-env nix port emerge xbps-install guix choco winget scoop
default high install.code changes what is installed
flag -o,-c,-t,--target-release =value
flag -s,--simulate,--dry-run,--just-print lowers
sub list,search,show,info,policy,depends,rdepends,madison,moo,--version,doctor,deps,leaves,config,home,desc,cat,list-installed,repoquery,provides,why read
sub download,source,update high net.request asks package servers
