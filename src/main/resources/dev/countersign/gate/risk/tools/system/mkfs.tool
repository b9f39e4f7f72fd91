# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool mkfs mkfs.ext4 mkfs.xfs mkswap fdisk sfdisk gdisk parted wipefs blkdiscard fstrim resize2fs tune2fs e2fsck fsck hdparm
default critical system.disk changes a disk
flag -l,--list high
