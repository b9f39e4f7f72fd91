# bash(1), SHELL BUILTIN COMMANDS
tool export declare typeset readonly
default read
special declare
