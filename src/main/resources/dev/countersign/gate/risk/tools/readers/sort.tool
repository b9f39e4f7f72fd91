# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool sort gsort
default read
flag -o,--output =write
flag --compress-program =code high run.code runs a program
flag -T,--temporary-directory,-k,--key,-t,--field-separator,-S,--buffer-size,--parallel,--batch-size =value
flag --files0-from =read
args read
