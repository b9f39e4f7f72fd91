# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool qemu-system-x86_64 qemu-img virsh virt-install limactl multipass vagrant VBoxManage
default high sandbox.change works with virtual machines
