# bash(1), SHELL BUILTIN COMMANDS
tool pwd
default read
special pwd
