# bash(1), SHELL BUILTIN COMMANDS
tool bind complete compgen compopt
default read
flag -x,-C,-F =code high shell.callback sets code that runs later
