# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool uniq
default read
flag -f,-s,-w,--skip-fields,--skip-chars,--check-chars =value
args copy
