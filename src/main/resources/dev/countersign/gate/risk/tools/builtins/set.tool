# bash(1), SHELL BUILTIN COMMANDS
tool set
default read
flag -o,+o =value
special set
