# yarnpkg.com/cli and classic.yarnpkg.com: an unknown word is a script, or a program of node_modules/.bin
tool yarn yarnpkg
default low
flag --cwd,--registry,--modules-folder,--mutex,--network-timeout,--cache-folder =value
flag --silent,-s,--immutable,--frozen-lockfile low
sub test,t low test
sub run,run-script =target low
sub start,build,pack,prune,dedupe,clean,init,cache,version,autoclean,rebuild medium build
sub remove,unlink medium build changes what is installed
sub workspace low
self 1
sub workspaces+foreach,workspaces+run low
self 0
flag --from,--include,--exclude,-j,--jobs,--since =value
sub workspaces+list,workspaces+info,list,why,bin,licenses,help,explain,constraints,config+get,config+list,cache+dir,cache+list,versions,node-versions,check read
sub outdated,audit,info,npm+info,npm+audit,npm+tag+list,npm+whoami medium net.registry asks the package server for facts
sub config,set,plugin high npm.config changes where code comes from and what yarn runs
sub install,add,up,upgrade,upgrade-interactive,import,link,global,policies,dlx,patch,patch-commit,create,unplug,generate-lock-entry,sdks high install.code installs code and runs its scripts
sub exec low
runs 0
sub node medium run.project
sub publish,npm,tag,owner,login,logout,team critical deploy.release changes what others get
special scripts
