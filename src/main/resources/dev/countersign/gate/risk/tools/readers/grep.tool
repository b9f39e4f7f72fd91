# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool grep egrep fgrep ggrep rgrep
default read
flag -e,--regexp =value
flag -f,--file =read
flag -A,-B,-C,-m,-d,-D,--context,--after-context,--before-context,--max-count,--include,--exclude,--exclude-dir,--color,--label =value
args pattern
