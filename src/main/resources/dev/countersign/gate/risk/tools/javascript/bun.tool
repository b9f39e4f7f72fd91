# bun.sh/docs/cli: an unknown word is a script, a file or a program of node_modules/.bin
tool bun
default low
flag -e,--eval,-p,--print =value high run.code runs code from its arguments
flag --cwd,-C,--filter,-F,-r,--preload,--env-file,-c,--config,--target,--outdir,--outfile =value
flag --watch,--hot,--silent,--bun,-b low
sub test low test
sub run =target low
sub start,build,init medium build
sub remove,rm medium build changes what is installed
sub pm+ls,pm+bin,pm+hash,pm+cache,why read
sub outdated,audit,info medium net.registry asks the package server for facts
sub install,i,add,a,update,up,upgrade,link,unlink,x,create,c,patch,pm,repl,exec high install.code installs or runs code
sub publish critical deploy.release publishes
special scripts
