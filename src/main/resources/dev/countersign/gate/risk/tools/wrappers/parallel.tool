# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool parallel
default medium runs a command for each line
flag -j,--jobs,-S,--sshlogin,-a,--arg-file,-d,--delimiter,-N,-I,--colsep,--joblog,--results,--timeout,--retries,-n,--max-args =value
flag -S,--sshlogin =host critical net.send runs commands on other machines
wraps 0
special parallel
