# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool man info apropos whatis tldr
default read
flag -P,--pager,-H,--html =code high run.code runs a program
