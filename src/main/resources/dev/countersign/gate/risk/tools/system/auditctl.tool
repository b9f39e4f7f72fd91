# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool auditctl augenrules ausearch aureport setenforce semanage aa-disable aa-complain apparmor_parser
default critical guard.tamper changes what the machine watches
