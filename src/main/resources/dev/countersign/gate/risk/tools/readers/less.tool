# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool less more most
default read
flag -o,-O,--log-file,--LOG-FILE =write
flag -k,--lesskey-file,--lesskey-src,-T,-t,-p,--pattern =value
args read
special pager
