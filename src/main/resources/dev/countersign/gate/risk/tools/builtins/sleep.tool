# bash(1), SHELL BUILTIN COMMANDS
tool sleep
default read
