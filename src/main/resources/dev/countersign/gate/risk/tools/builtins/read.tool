# bash(1), SHELL BUILTIN COMMANDS
tool read let local getopts unset
default read
special names
