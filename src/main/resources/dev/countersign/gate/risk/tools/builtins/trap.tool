# bash(1), SHELL BUILTIN COMMANDS
tool trap
default low
special trap
