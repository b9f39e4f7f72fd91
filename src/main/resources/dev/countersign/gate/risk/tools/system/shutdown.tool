# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool shutdown reboot poweroff halt init telinit
default critical system.stop stops the machine
