# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool diff colordiff sdiff diff3 wdiff
default read
flag -o,--output =write
flag --diff-program =code high run.code runs a program
flag -U,-C,-W,-x,-X,-I,-F,-L,--label,--unified,--context,--exclude =value
args read
