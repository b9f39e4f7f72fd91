# bash(1), SHELL BUILTIN COMMANDS
tool cd pushd chdir
default read
special cd
