# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool useradd userdel usermod groupadd groupdel groupmod adduser deluser passwd chpasswd chage visudo vipw newgrp gpasswd chsh chfn adduser.local
default critical user.change changes who may do what on the machine
