# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool date
default read
flag -d,--date,-r,--reference,-f,--file =value
flag -s,--set high system.clock sets the clock
