# concurrently: each argument is a command line
tool concurrently
default low
flag -n,--names,-c,--prefix-colors,-p,--prefix,-m,--max-processes,-k,--kill-others,--restart-tries,--success =value
args code
