# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool deno
default high run.code
sub test,lint,check,doc,info,bench,coverage,types low test
sub fmt medium write changes files
flag --check lowers
sub run,serve medium run.project
special deno
flag -A,--allow-all,--allow-run,--allow-net,--allow-ffi,--allow-env,--allow-sys high run.code takes away the program's limits
sub eval high run.code runs code from its arguments
sub install,add,upgrade,cache high install.code installs code
sub task =target low
sub compile,bundle medium
sub publish,deploy critical deploy.release publishes
