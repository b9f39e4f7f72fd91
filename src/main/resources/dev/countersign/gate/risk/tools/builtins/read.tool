# bash(1), SHELL BUILTIN COMMANDS
tool let local getopts unset
default read
special names
tool read
default read
flag -d,-n,-N,-p,-t,-u,-i,-a =value
special read
