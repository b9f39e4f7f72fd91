# apt(8) dpkg(1) dnf(8) pacman(8) apk(8) brew(1) snap(8) flatpak(1)
tool add-apt-repository apt-key update-alternatives
default high install.source changes where code comes from
