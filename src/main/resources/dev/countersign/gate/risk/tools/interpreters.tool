# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool python python3 pypy pypy3 ipython python2
default low
flag -c =value
flag -m =value
flag -W,-X,-Q,--check-hash-based-pycs =value
special python
tool node nodejs
default low
flag -e,--eval,-p,--print,-pe =value
flag -r,--require,--import,--loader,--experimental-loader =script
flag --inspect,--inspect-brk high run.debug opens a debugger port
flag --test low
flag -C,--conditions,--env-file,--title,--max-old-space-size =value
flag --check,-c read
special interpreter
tool perl
default low
flag -e,-E =value
flag -i low
flag -I,-M,-m,-F,-C,-D,-l,-0 =value
special interpreter
tool ruby jruby
default low
flag -e =value
flag -r,-I,-E,-C,-K =value
special interpreter
tool php
default low
flag -r,-R,-B,-E =value
flag -S,--server =host high net.listen serves files
flag -d,-c,-z,-t =value
flag -f,-F =script
flag -l,--syntax-check read
special interpreter
tool lua luajit Rscript R julia guile racket ghc runghc tclsh wish scala groovy kotlin kotlinc jshell elixir iex erl escript ocaml swipl clisp sbcl octave maxima gnuplot osascript crystal dart swift
default low
flag -e,-E,--eval,-eval,-c =value
flag -l,-i,-f =value
special interpreter
tool deno
default high run.code
sub test,lint,check,fmt,doc,info low
sub run,serve =script medium run.project
flag -A,--allow-all,--allow-run,--allow-net,--allow-ffi,--allow-env,--allow-sys high run.code takes away the program's limits
sub eval high run.code runs code from its arguments
sub install,add,upgrade,cache high install.code installs code
sub task =target low
sub compile,bundle medium
sub publish,deploy critical deploy.release publishes
tool ts-node tsx esbuild-runner babel-node swc-node vite-node
default low
flag -e,--eval,-p,--print =value
flag -r,--require,-P,--project =value
special interpreter
tool java
default medium run.project runs a Java program
flag -cp,-classpath,--class-path,-p,--module-path,--add-modules,--add-opens,--add-exports =value
flag -jar =script
flag -javaagent,-agentlib,-agentpath,-Xrun high run.code loads an agent
single
tool dotnet
default medium
sub test,format,--info,--version,list low
sub build,clean,run,new,sln,pack medium
sub add,remove,restore,tool,workload high install.code installs code
sub nuget+push critical deploy.release publishes a package
sub nuget high install.code
sub publish medium
sub ef+migrations,ef+database critical sql.schema changes a database
sub ef critical sql.schema
sub exec,fsi high run.code
tool awk gawk mawk nawk original-awk
default read
flag -f,--file,-E,--exec =read
flag -F,--field-separator,-v,--assign,-e,--source,-l,--load,-i,--include =value
flag -o,--pretty-print,-p,--profile,-d,--dump-variables =write
special awk
tool sed gsed
default read
flag -e,--expression =value
flag -f,--file =read medium run.project runs a script from a file
flag -i,--in-place medium write changes files
flag -l,--line-length =value
special sed
tool jq yq gojq jaq
default read
flag -f,--from-file =read
flag --arg,--argjson,--slurpfile,--rawfile,--indent,-L =value
flag -i,--inplace medium write changes files
args pattern
special jq
tool bc dc expr factor seq shuf numfmt
default read
tool m4
default high run.code can run commands
args read
tool vim vi nvim ex view vimdiff gvim ed emacs nano pico micro kak hx joe red
default medium write edits files
flag -c,--cmd,-S,-s,-u,-U,-e,-es,--eval,-l,--load,-f,--funcall,--script,--batch,-Es,-w,-W =value high run.code an editor runs commands from its arguments
flag -i,-T,-t =value
special editor
tool code subl gedit kate idea
default medium opens an editor
