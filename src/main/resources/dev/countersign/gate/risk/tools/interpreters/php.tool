# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool php
default low
flag -r,-R,-B,-E =value
flag -S,--server =value medium net.listen serves files
flag -d,-c,-z,-t =value
flag -f,-F =script
flag -l,--syntax-check,-v,-m,-i,--ini lowers
special interpreter
