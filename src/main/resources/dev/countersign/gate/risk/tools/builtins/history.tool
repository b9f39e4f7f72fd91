# bash(1), SHELL BUILTIN COMMANDS
tool history fc
default read
flag -c,-d,-w high audit.history changes what the shell remembers
flag -s,-e =value high run.code runs a command of the past
