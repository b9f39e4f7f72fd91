# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool head tail
default read
flag -n,--lines,-c,--bytes,-s,--sleep-interval,--pid =value
args read
