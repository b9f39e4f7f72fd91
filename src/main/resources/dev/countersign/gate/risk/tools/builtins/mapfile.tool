# bash(1), SHELL BUILTIN COMMANDS
tool mapfile readarray
default read
flag -C =code high shell.callback runs code for each line
flag -d,-n,-O,-s,-u,-c =value
special names
