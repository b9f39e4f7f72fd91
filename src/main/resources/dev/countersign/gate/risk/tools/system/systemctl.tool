# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool systemctl service rc-service sv supervisorctl initctl launchctl
default high system.service changes services
flag -H,--host,-M,--machine,-p,--property,-t,-n =value
sub status,is-active,is-enabled,is-failed,list-units,list-unit-files,show,cat,list-timers,list-dependencies,get-default read
sub stop,disable,mask,kill,isolate,poweroff,reboot,halt,rescue,emergency,set-default,edit,link,daemon-reexec high system.service stops or changes services
special service
