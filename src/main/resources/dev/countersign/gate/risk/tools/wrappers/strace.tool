# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool strace ltrace valgrind gdb rr
default medium looks into a program
flag -o,--output,--log-file =write
flag -p,--pid =value high process.attach looks into a program that runs
flag -e,-s,-E,-u,-P,--tool,-x,-ex,--eval-command,-iex =value
flag -ex,--eval-command,-iex,-x,--command high run.code runs debugger commands
flag --args low
wraps 0
assigns
# perf(1): record, stat, trace and a few more run a command
tool perf
default medium looks into a program
flag -p,--pid =value high process.attach looks into a program that runs
flag -o,--output =write
flag -i,--input =read
sub list,version,help,report,script,annotate,diff,evlist,buildid-list read
sub record,stat,trace,mem,c2c,kmem,lock,sched medium looks into a program
flag -e,-F,-c,-g,-C,--event,-r,--repeat,-o,-p =value
runs 0
# lldb(1)
tool lldb
default medium looks into a program
flag -p,--attach-pid,-n,--attach-name =value high process.attach looks into a program that runs
flag -o,-O,-s,-S,-Q,--one-line,--one-line-before-file,--source,--source-before-file =value high run.code runs debugger commands
flag -f,--file =value
wraps 0
