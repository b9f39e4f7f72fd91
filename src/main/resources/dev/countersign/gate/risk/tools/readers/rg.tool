# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool rg ripgrep
default read
flag --pre =code high run.code runs a program on each file
flag --hostname-bin =code high run.code runs a program
flag -e,--regexp,-g,--glob,-t,--type,-T,--type-not,-A,-B,-C,-m,--max-count,--sort,--sortr,-j,--threads,-M,--max-columns,-E,--encoding,-r,--replace,--iglob,--type-add,-d,--max-depth,--colors,--engine,--pre-glob =value
flag -f,--file,--ignore-file =read
flag -z,--search-zip medium run.code runs programs that unpack
args pattern
