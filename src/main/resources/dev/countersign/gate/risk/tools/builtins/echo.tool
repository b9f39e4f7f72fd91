# bash(1), SHELL BUILTIN COMMANDS
tool echo
default read
special echo
