# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool strace ltrace perf valgrind gdb lldb rr
default medium looks into a program
flag -o,--output,--log-file =write
flag -e,-s,-E,-u,-P,-p,--pid,--tool,-x,-ex,--eval-command,-iex =value
flag -ex,--eval-command,-iex,-x,--command high run.code runs debugger commands
flag --args low
wraps 0
assigns
