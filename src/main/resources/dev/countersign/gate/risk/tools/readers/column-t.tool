# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool column-t tee-n
default read
