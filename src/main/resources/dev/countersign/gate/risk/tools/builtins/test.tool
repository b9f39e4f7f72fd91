# bash(1), SHELL BUILTIN COMMANDS
tool test [
default read
special names
