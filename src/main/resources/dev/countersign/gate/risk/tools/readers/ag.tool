# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool ag ack pt ugrep ast-grep sg-search semgrep
default read
flag --pager =code high run.code runs a program
flag -G,-A,-B,-C,-m,--ignore,--pattern,-p,-l,--lang =value
flag -o,--output =write
flag -U,--update-all,--autofix medium write changes files
args pattern
