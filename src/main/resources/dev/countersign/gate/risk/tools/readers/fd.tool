# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool fd fdfind
default read
flag -e,--extension,-t,--type,-d,--max-depth,-E,--exclude,-S,--size,--base-directory,--search-path,-j,--threads,-c,--color =value
flag -x,-X,--exec,--exec-batch low
special exec-option
