# bash(1), SHELL BUILTIN COMMANDS
tool unalias
default low
