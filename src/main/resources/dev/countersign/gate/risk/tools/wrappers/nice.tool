# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool nice ionice chrt taskset nohup setsid stdbuf unbuffer setarch linux64 linux32 catchsegv eatmydata tini dumb-init fakeroot rlwrap xvfb-run dbus-run-session faketime cpulimit softlimit time gtime prlimit sg chpst setpriv
default read
flag -n,--adjustment,-c,--class,--classdata,-p,--pid,-i,--input,-o,--output,-e,--error,-f,--format,-l,-s,-u,-g,-w,--reuid,--regid =value
wraps 0
assigns
