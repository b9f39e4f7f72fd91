# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool kill pkill killall skill xkill
default medium process.kill ends processes
flag -s,--signal,-u,-g,-t,-P,-G,-U =value
special kill
tool systemctl service rc-service sv supervisorctl initctl launchctl
default high system.service changes services
flag -H,--host,-M,--machine,-p,--property,-t,-n =value
sub status,is-active,is-enabled,is-failed,list-units,list-unit-files,show,cat,list-timers,list-dependencies,get-default read
sub stop,disable,mask,kill,isolate,poweroff,reboot,halt,rescue,emergency,set-default,edit,link,daemon-reexec high system.service stops or changes services
special service
tool journalctl dmesg last lastb lastlog
default read
flag --vacuum-size,--vacuum-time,--vacuum-files,--rotate,--flush,-C,--clear,-c high audit.log removes log entries
flag -u,-n,-p,-S,-U,--since,--until,-o,-t,-k,-b =value
tool auditctl augenrules ausearch aureport setenforce semanage aa-disable aa-complain apparmor_parser
default critical guard.tamper changes what the machine watches
tool shutdown reboot poweroff halt init telinit
default critical system.stop stops the machine
tool mount umount losetup swapon swapoff fusermount fusermount3 cryptsetup mdadm lvm lvcreate lvremove vgcreate pvcreate zfs zpool btrfs
default critical system.disk changes disks or what is mounted
flag -l lowers
tool mkfs mkfs.ext4 mkfs.xfs mkswap fdisk sfdisk gdisk parted wipefs blkdiscard fstrim resize2fs tune2fs e2fsck fsck hdparm
default critical system.disk changes a disk
flag -l,--list high
tool insmod modprobe rmmod kmod depmod bpftool bpftrace kexec
default critical sandbox.kernel changes the kernel
tool lsmod modinfo findmnt blkid
default read
tool sysctl
default medium
flag -w,--write,-p,--load,--system critical sandbox.kernel changes the kernel
flag -a,-n,-A low
tool useradd userdel usermod groupadd groupdel groupmod adduser deluser passwd chpasswd chage visudo vipw newgrp gpasswd chsh chfn adduser.local
default critical user.change changes who may do what on the machine
tool hostnamectl timedatectl localectl loginctl
default read
sub set-*,enable-*,terminate-*,kill-* high system.change
tool ldconfig update-ca-certificates update-initramfs update-grub grub-install dpkg-reconfigure locale-gen
default high system.change changes the machine
tool logger wall write mesg notify-send
default medium
tool xdg-open open sensible-browser xdotool ydotool wmctrl xclip xsel pbcopy pbpaste wl-copy wl-paste
default high run.open opens a program that the text names
tool qemu-system-x86_64 qemu-img virsh virt-install limactl multipass vagrant VBoxManage
default high sandbox.change works with virtual machines
tool countersign
default critical guard.tamper steers Countersign itself
tool claude codex gemini opencode aider cursor-agent qwen copilot goose-agent amp
default high agent.start starts another agent
flag --version low
