# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool node nodejs
default low
flag -e,--eval,-p,--print,-pe =value
flag -r,--require,--import,--loader,--experimental-loader =script
flag --inspect,--inspect-brk high run.debug opens a debugger port
flag --test low
flag -C,--conditions,--env-file,--title,--max-old-space-size =value
flag --check,-c,-v,--version lowers
special interpreter
