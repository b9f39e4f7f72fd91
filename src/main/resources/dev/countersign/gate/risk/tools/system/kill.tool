# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool kill pkill killall skill xkill
default medium process.kill ends processes
flag -s,--signal,-u,-g,-t,-P,-G,-U =value
special kill
