# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool xargs gxargs
default read
flag -a,--arg-file =read
flag -I,-d,--delimiter,-E,-L,--max-lines,-n,--max-args,-P,--max-procs,-s,--max-chars,-J,-R,--process-slot-var =value
flag --replace,-i low
wraps 0
special xargs
