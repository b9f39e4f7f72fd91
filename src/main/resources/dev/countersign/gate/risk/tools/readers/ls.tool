# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool ls gls dir vdir exa eza lsd tree
default read
flag -o =value
flag -I,--ignore,-w,--width,-L,-P,--level =value
args read
