# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool sudo
default high user.root works as root
flag -u,--user,-g,--group,-h,--host,-p,--prompt,-C,-r,-t,-T,-U,-D,--chdir,-R,--chroot =value
flag -s,--shell,-i,--login high run.interactive opens a shell as root
flag -e,--edit high user.root edits as root
flag -A,--askpass high run.code runs a program that asks for the password
wraps 0
assigns
