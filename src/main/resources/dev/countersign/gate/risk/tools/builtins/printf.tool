# bash(1), SHELL BUILTIN COMMANDS
tool printf
default read
flag -v =value
special printf
