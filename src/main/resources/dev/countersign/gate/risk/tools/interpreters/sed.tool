# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool sed gsed
default read
flag -e,--expression =value
flag -f,--file =read medium run.project runs a script from a file
flag -i,--in-place medium write changes files
flag -l,--line-length =value
special sed
