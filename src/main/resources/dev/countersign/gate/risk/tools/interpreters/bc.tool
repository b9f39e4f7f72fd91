# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool bc expr factor seq shuf numfmt
default read
# dc(1): `!` runs a line in the shell
tool dc
default read
flag -e,--expression =value
flag -f,--file =read
special line-editor
