# bash(1), SHELL BUILTIN COMMANDS
tool ! coproc then else do
default read
wraps 0
