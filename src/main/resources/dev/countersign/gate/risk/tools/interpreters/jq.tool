# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool jq gojq jaq
default read
flag -f,--from-file =read
flag --arg,--argjson,--slurpfile,--rawfile,--indent,-L =value
flag -i,--inplace medium write changes files
args pattern
special jq
