# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool gunzip unxz bunzip2 unzstd unlz4
default medium write unpacks files
flag -c,--stdout lowers
args write
special decode
