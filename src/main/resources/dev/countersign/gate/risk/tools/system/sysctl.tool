# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool sysctl
default medium
flag -w,--write,-p,--load,--system critical sandbox.kernel changes the kernel
flag -a,-n,-A low
