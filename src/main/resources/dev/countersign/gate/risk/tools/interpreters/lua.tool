# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool lua luajit julia guile racket ghc runghc tclsh wish scala groovy kotlin kotlinc jshell elixir iex erl escript ocaml swipl clisp sbcl octave maxima gnuplot osascript
default low
flag -e,-E,--eval,-eval,-c =value
flag -l,-i,-f =value
special interpreter
