# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool mount umount losetup swapon swapoff fusermount fusermount3 cryptsetup mdadm lvm lvcreate lvremove vgcreate pvcreate zfs zpool btrfs
default critical system.disk changes disks or what is mounted
flag -l lowers
special mounts
