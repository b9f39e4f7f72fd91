# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool awk gawk mawk nawk original-awk
default read
flag -f,--file,-E,--exec =read
flag -F,--field-separator,-v,--assign,-e,--source,-l,--load,-i,--include =value
flag -o,--pretty-print,-p,--profile,-d,--dump-variables =write
special awk
