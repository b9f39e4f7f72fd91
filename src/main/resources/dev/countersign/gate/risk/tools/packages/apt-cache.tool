# apt(8) dpkg(1) dnf(8) pacman(8) apk(8) brew(1) snap(8) flatpak(1)
tool apt-cache apt-mark apt-config dpkg-query apt-file rpm-query
default read
sub hold,unhold,auto,manual high install.code
