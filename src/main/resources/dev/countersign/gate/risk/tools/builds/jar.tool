# jar(1)
tool jar
default read
flag -t,-tf,-tvf,-tfv,--list,--describe-module,-d lowers
flag -f,--file,-C,-e,-m =value
special jar
