# mise, asdf, rtx, proto: versions of tools
tool mise rtx asdf proto aqua devbox
default high install.code changes the toolchain
sub ls,list,current,which,where,version,doctor,outdated,--version,ls-remote,list-all,info,plugin+list,tasks,tasks+ls,env read
sub exec,x low
runs 1
sub run,r =target low
sub reshim,prune,implode medium
special at-versions
