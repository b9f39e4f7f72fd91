# sudo(8) env(1) nice(1) timeout(1) nohup(1) setsid(1) xargs(1) watch(1) flock(1) stdbuf(1) strace(1) busybox(1) chroot(8) unshare(1)
tool sudo
default high user.root works as root
flag -u,--user,-g,--group,-h,--host,-p,--prompt,-C,-r,-t,-T,-U,-D,--chdir,-R,--chroot =value
flag -s,--shell,-i,--login high run.interactive opens a shell as root
flag -e,--edit high user.root edits as root
flag -A,--askpass high run.code runs a program that asks for the password
wraps 0
assigns
tool doas run0 pkexec gosu su-exec
default high user.root works as another user
flag -u,-C,--user =value
wraps 0
assigns
tool su runuser
default high user.root works as another user
flag -c,--command,--session-command =code
flag -s,--shell,-g,-G,-w,-u =value
tool env
default read
flag -u,--unset =value
flag -C,--chdir =cd
flag -S,--split-string =code
flag --block-signal,--default-signal,--ignore-signal low
assigns
wraps 0
special env
tool printenv
default read
special printenv
tool nice ionice chrt taskset nohup setsid stdbuf unbuffer setarch linux64 linux32 catchsegv eatmydata tini dumb-init fakeroot rlwrap xvfb-run dbus-run-session faketime cpulimit softlimit time gtime prlimit sg chpst setpriv capsh
default read
flag -n,--adjustment,-c,--class,--classdata,-p,--pid,-i,--input,-o,--output,-e,--error,-f,--format,-l,-s,-u,-g,-w,--reuid,--regid =value
wraps 0
assigns
tool timeout gtimeout
default read
flag -s,--signal,-k,--kill-after =value
wraps 1
tool flock
default medium takes a lock
flag -c,--command =code
flag -w,--wait,--timeout,-E,--conflict-exit-code =value
wraps 1
tool xargs gxargs
default read
flag -a,--arg-file =read
flag -I,-d,--delimiter,-E,-L,--max-lines,-n,--max-args,-P,--max-procs,-s,--max-chars,-J,-R,--process-slot-var =value
flag --replace,-i low
wraps 0
special xargs
tool parallel
default medium runs a command for each line
flag -j,--jobs,-S,--sshlogin,-a,--arg-file,-d,--delimiter,-N,-I,--colsep,--joblog,--results,--timeout,--retries,-n,--max-args =value
flag -S,--sshlogin =host critical net.send runs commands on other machines
wraps 0
special parallel
tool watch entr
default read
flag -n,--interval =value
wraps 0
special words-are-code
tool nodemon
default medium runs a program again and again
flag -x,--exec =code
flag -w,--watch,-e,--ext,-i,--ignore,-d,--delay =value
args script
tool strace ltrace perf valgrind gdb lldb rr
default medium looks into a program
flag -o,--output,--log-file =write
flag -e,-s,-E,-u,-P,-p,--pid,--tool,-x,-ex,--eval-command,-iex =value
flag -ex,--eval-command,-iex,-x,--command high run.code runs debugger commands
flag --args low
wraps 0
assigns
tool script
default medium records a terminal
flag -c,--command =code
args write
tool busybox toybox
default read
wraps 0
tool chroot unshare nsenter firejail bwrap proot systemd-nspawn
default high sandbox.change changes the rooms that programs run in
flag -u,-g,--userspec,--groups,-t,--target,-r,-w,-R,--root,--wd,--bind,--ro-bind,--dev,--proc =value
wraps 0
assigns
tool systemd-run
default high run.later runs a command outside of this session
flag -u,--unit,-p,--property,-E,--setenv,--on-calendar,--on-active,--slice,--uid,--gid,-d,--working-directory =value
wraps 0
tool at batch
default high run.later runs a command later
flag -f =read
tool crontab
default high run.later changes what runs by the clock
flag -l lowers
flag -u =value
flag -r high run.later removes what runs by the clock
args read
tool screen tmux
default medium opens a terminal that stays
flag -X,-c =value
tool cross-env dotenv direnv mise rtx asdf conda-run
default medium runs a command with another environment
flag -e,-f,-c,-C =value
assigns
sub exec,x,allow,run high run.code runs a command with an environment of its choice
wraps 0
tool proxychains proxychains4 torsocks tsocks
default critical net.send hides where connections go
flag -f,-q =value
wraps 0
tool sshpass
default critical secrets.argument has a password on its command line
flag -p,-f,-d,-P =value
wraps 0
tool expect
default high run.code talks to other programs
flag -c =value high run.code runs code from its arguments
args script
