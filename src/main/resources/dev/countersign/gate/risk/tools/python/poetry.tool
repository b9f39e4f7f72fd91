# python-poetry.org/docs/cli
tool poetry pipenv pdm
default high
flag -C,--directory,-P,--project,-g,--group,-G,--extra,--python,-p,--with,--without,--only,-E,--extras =value
sub show,check,env+info,env+list,version,about,--version,graph,config+--list,list,info,lock+--check,env,help,verify read
sub search,outdated,audit medium net.registry asks the package server for facts
sub run low
runs 0
sub test low
sub install,add,update,upgrade,lock,sync,self,plugin,python,import,use,cache high install.code installs code
flag --check lowers
sub clean,build,new,init,shell,format,export,env+remove,env+use medium build
sub remove,uninstall medium build changes what is installed
sub config high install.source changes where code comes from
sub publish critical deploy.release publishes a package
