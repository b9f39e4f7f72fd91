# dune(1), gleam, nim, elm, spago, crystal, foundry's forge, anchor: their own command line help
tool dune
default high
sub runtest,test,describe,rules,show+*,ocaml-merlin low test
flag --auto-promote medium write changes what tests compare with
sub build,clean,exec,fmt,init,promote,promotion+apply,utop,top,install,uninstall medium build
sub pkg,pkg+lock,tools+install high install.code gets code
sub release,dune-release critical deploy.release publishes a package
flag --root,-C =cd
flag -p,--profile,-j,--workspace,--build-dir =value
tool gleam
default high
sub test,check,help,deps+list,deps+tree low test
sub format medium write changes files
flag --check lowers
sub build,run,dev,clean,new,docs+build,shell,fix medium build
sub add,remove,update,deps+download,deps+update high install.code gets code
sub publish,docs+publish,docs+remove,hex+retire,hex+unretire critical deploy.release publishes a package
tool crystal
default medium build
sub spec,tool+format,tool+unreachable,tool+hierarchy,env,version low test
sub tool+format medium write changes files
flag --check lowers
sub eval,play,i high run.code runs code
sub init,build,run,docs,clear_cache medium build
tool nim
default medium build
sub check,--version,dump low test
sub c,cpp,js,compile,doc,rst2html,objc,genDepend medium build
sub r,e,secret medium run.project runs a program of the project
flag --eval,-e =value high run.code runs code from its arguments
flag -o,--out,--outdir =write
tool elm
default high
sub make medium build
flag --output =write
sub init,install,bump,diff high install.code gets code
sub reactor,repl medium run.project
sub publish critical deploy.release publishes a package
tool elm-test elm-review elm-test-rs
default low test
flag --fix,--fix-all,--template medium write changes files
sub install,init,new-package,new-rule medium write
tool elm-format
default medium write changes files
flag --validate lowers
flag --yes,--output =write
args write
tool spago
default high
sub test,ls,list-packages low test
sub build,run,bundle-app,bundle-module,docs,repl,init medium build
sub install,upgrade,fetch high install.code gets code
sub publish critical deploy.release publishes a package
tool forge
default high
sub test,coverage,fmt+--check,tree,inspect,config,selectors,remappings,lint low test
flag --ffi high run.code lets tests run programs
flag --fork-url,--rpc-url,-f =value high net.request asks a chain
sub build,compile,clean,fmt,flatten,snapshot,doc,init,bind medium build
flag --check lowers
sub install,update,remove,soldeer high install.code gets code
sub create,script,verify-contract critical deploy.release sends to a chain
tool anchor
default high
sub test,idl+parse low test
flag --provider.cluster =value critical deploy.release works on a chain
sub build,clean,init,new,localnet,keys+list medium build
sub deploy,upgrade,publish,migrate,idl+init,idl+upgrade,cluster critical deploy.release sends to a chain
tool rushx
default medium run.project
args target
