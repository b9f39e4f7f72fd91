# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool conda mamba micromamba
default high
sub search,repoquery medium net.registry asks the package server for facts
sub list,info,env+list,env+export,config+--show,compare read
sub install,update,upgrade,create,env+create,env+update,init high install.code installs code
sub remove,uninstall,clean,env+remove medium
sub activate,deactivate low
sub run low
runs 0
flag -n,--name,-p,--prefix,--cwd =value
flag --no-capture-output,--live-stream low
