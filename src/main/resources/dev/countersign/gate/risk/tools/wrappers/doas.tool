# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool doas run0 pkexec gosu su-exec
default high user.root works as another user
flag -u,-C,--user =value
wraps 0
assigns
