# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool ts-node tsx esbuild-runner babel-node swc-node vite-node
default low
flag -e,--eval,-p,--print =value
flag -r,--require,-P,--project =value
special interpreter
