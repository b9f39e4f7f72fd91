# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool bat batcat
default read
flag --pager =value high run.code runs a program to show output
flag -l,--language,-r,--line-range,-H,--theme,--style =value
args read
