# bash(1), SHELL BUILTIN COMMANDS
tool type which command-v hash whereis
default read
special which
