# bash(1), SHELL BUILTIN COMMANDS
tool command builtin
default read
wraps 0
special command
