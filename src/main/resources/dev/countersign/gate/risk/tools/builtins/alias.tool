# bash(1), SHELL BUILTIN COMMANDS
tool alias
default low
special alias
