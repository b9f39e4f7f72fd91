# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool cut
default read
flag -d,-f,-c,-b,--delimiter,--fields,--characters,--bytes,--output-delimiter =value
args read
