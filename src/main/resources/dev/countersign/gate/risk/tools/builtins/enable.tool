# bash(1), SHELL BUILTIN COMMANDS
tool enable
default high shell.load loads or changes builtins
