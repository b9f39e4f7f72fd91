# npm(1), npm-scripts(7) and the page of each npm command
tool npm
default high
flag -w,--workspace,--prefix,-C,--registry,--tag,--otp,--loglevel,--cache,--userconfig,--script-shell,--omit,--include,--location,--depth,--scope,--access =value
flag -ws,--workspaces,--if-present,-s,--silent low
sub test,t,tst low test
sub run,run-script,rum,urn =target low
sub start,stop,restart,pack,dedupe,ddp,prune,shrinkwrap,version,init,create,innit,cache medium build
sub uninstall,un,remove,rm,r,unlink medium build changes what is installed
sub ls,list,la,ll,explain,why,root,prefix,bin,help,help-search,query,fund,completion,sbom,cache+ls,cache+verify,pkg+get read
sub view,info,show,v,search,s,find,outdated,audit,doctor,ping,diff,docs,bugs,repo,home,stars medium net.registry asks the package server for facts
sub config+get,config+list,config+ls,get,c+get,c+ls read
sub config,c,set,edit,explore high npm.config changes where npm gets code from and what it runs
sub pkg+set,pkg+delete,pkg+fix,set-script high write.build changes what runs when somebody builds or installs
sub install,i,in,ins,inst,insta,isntall,add,ci,ic,clean-install,install-clean,install-test,it,install-ci-test,cit,sit,update,up,upgrade,udpate,rebuild,rb,link,ln high install.code installs code and runs its scripts
sub audit+fix high install.code installs code
sub audit+signatures medium net.registry
sub exec,x low
runs 0
flag -c,--call =code
flag -p,--package =value high install.code gets a package
flag -y,--yes low
sub publish,unpublish,deprecate,undeprecate,dist-tag,access,owner,author,team,org,star,unstar critical deploy.release changes what others get
sub dist-tag+ls,dist-tag+list,access+list,access+get,owner+ls,team+ls medium net.registry
sub login,adduser,add-user,logout,token,profile,hook critical secrets.rotate handles credentials
sub whoami medium net.registry
special npm
