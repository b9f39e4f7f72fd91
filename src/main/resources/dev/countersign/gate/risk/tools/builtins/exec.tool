# bash(1), SHELL BUILTIN COMMANDS
tool exec
default medium replaces the shell
flag -a =value
wraps 0
