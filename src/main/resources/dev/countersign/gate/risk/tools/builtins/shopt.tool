# bash(1), SHELL BUILTIN COMMANDS
tool shopt
default read
