# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool python python3 pypy pypy3 ipython python2
default low
flag -c =value
flag -m =value
flag -W,-X,-Q,--check-hash-based-pycs =value
special python
