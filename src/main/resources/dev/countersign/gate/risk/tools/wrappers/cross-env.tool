# cross-env: NAME=VALUE before a command
tool cross-env cross-env-shell env-cmd
default read
flag -f,-e =read
assigns
wraps 0
