# bash(1), SHELL BUILTIN COMMANDS
tool echo
default read
special echo
tool printf
default read
flag -v =value
special printf
tool pwd
default read
special pwd
tool true false : exit return break continue shift wait jobs times logout suspend disown fg bg caller dirs popd umask ulimit help sync
default read
tool test [
default read
special names
tool read let local getopts unset
default read
special names
tool set
default read
flag -o,+o =value
special set
tool shopt
default read
tool mapfile readarray
default read
flag -C =code high shell.callback runs code for each line
flag -d,-n,-O,-s,-u,-c =value
special names
tool type which command-v hash whereis
default read
tool cd pushd chdir
default read
special cd
tool eval
default low
special eval
tool source .
default low
special source
tool trap
default low
special trap
tool alias
default low
special alias
tool unalias
default low
tool export declare typeset readonly
default read
special declare
tool enable
default high shell.load loads or changes builtins
tool bind complete compgen compopt
default read
flag -x,-C,-F =code high shell.callback sets code that runs later
tool history fc
default read
flag -c,-d,-w high audit.history changes what the shell remembers
flag -s,-e =value high run.code runs a command of the past
tool sleep
default read
tool exec
default medium replaces the shell
flag -a =value
wraps 0
tool command builtin
default read
wraps 0
special command
tool ! coproc then else do
default read
wraps 0
