# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool at batch
default high run.later runs a command later
flag -f =read
special later
