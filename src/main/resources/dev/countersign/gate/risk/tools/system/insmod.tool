# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool insmod modprobe rmmod kmod depmod bpftool bpftrace kexec
default critical sandbox.kernel changes the kernel
