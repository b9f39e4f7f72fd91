# pnpm.io/cli: an unknown word is a script, or a program of node_modules/.bin
tool pnpm pnpx-run
default low
flag -F,--filter,--dir,-C,--reporter,--registry,--workspace-concurrency,--filter-prod,--test-pattern,--loglevel =value
flag -r,--recursive,--silent,-s,-w,--workspace-root,--if-present,--parallel,--stream,--no-bail low
sub test,t,tst low test
sub run,run-script =target low
sub start,build,pack,prune,dedupe,clean,init,store,cache,approve-builds medium build
sub remove,rm,un,uninstall,unlink medium build changes what is installed
sub ls,list,ll,why,root,bin,licenses,help,env+list,store+path,store+status,config+get,config+list,--version read
sub outdated,audit,info,view,search medium net.registry asks the package server for facts
sub config,set,get high npm.config changes where code comes from
sub audit+fix,install,i,add,update,up,upgrade,import,rebuild,rb,link,ln,fetch,ci,install-test,it,plugin,patch,patch-commit,patch-remove,env,setup,self-update,create,dlx high install.code installs code and runs its scripts
sub exec low
runs 0
sub node medium run.project
sub publish,unpublish,tag,owner,login,logout,deploy critical deploy.release changes what others get
special scripts
