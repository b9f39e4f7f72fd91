# pandoc(1)
tool pandoc
default medium build
flag -o,--output =write
flag -F,--filter,-L,--lua-filter =script
flag -f,-t,--from,--to,--template,-V,-M,--css,-H =value
args read
