# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool ruby jruby
default low
flag -e =value
flag -r,-I,-E,-C,-K =value
flag -c,-v,--version lowers
special interpreter
