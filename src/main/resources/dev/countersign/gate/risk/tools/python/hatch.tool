# hatch.pypa.io, rye.astral.sh
tool hatch rye
default high
flag -e,--env,-p,--project =value
sub run =target low
sub test,fmt+--check,check,lint,show,list,status,version,env+show,dep+show low test
sub fmt,format medium write changes files
flag --check lowers
sub build,clean,new,init,env,shell medium build
sub sync,add,lock,install,self,python,fetch high install.code installs code
sub publish critical deploy.release publishes a package
