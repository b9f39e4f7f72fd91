# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool env
default read
flag -u,--unset =value
flag -C,--chdir =cd
flag -S,--split-string =code
flag --block-signal,--default-signal,--ignore-signal low
assigns
wraps 0
special env
