# bash(1), SHELL BUILTIN COMMANDS
tool eval
default low
special eval
