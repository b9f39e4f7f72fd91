# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool unshare
default high sandbox.change changes the rooms that programs run in
flag -R,--root,-w,--wd,--map-user,--map-group,--map-users,--map-groups,--propagation,--setgroups,-S,--setuid,-G,--setgid,--monotonic,--boottime =value
wraps 0

tool chroot firejail bwrap proot systemd-nspawn
default high sandbox.change changes the rooms that programs run in
flag -u,-g,--userspec,--groups,-t,--target,-r,-w,-R,--root,--wd,--bind,--ro-bind,--dev,--proc =value
wraps 0
assigns

# nsenter(1): goes into the rooms of another process, those of PID 1 with -t 1: out of a container's walls
tool nsenter
default critical sandbox.leave enters the rooms of another process
flag -t,--target,-S,--setuid,-G,--setgid,-r,--root,-w,--wd,-W,--wdns =value
wraps 0
