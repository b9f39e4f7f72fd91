# bash(1), SHELL BUILTIN COMMANDS
tool source .
default low
special source
