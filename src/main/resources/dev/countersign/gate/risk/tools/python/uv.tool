# docs.astral.sh/uv/reference/cli
tool uv
default high
flag --directory,--project,-p,--python,--cache-dir,--color,--config-file,--index-url,--extra-index-url,--index,--default-index =value
sub run low
runs 0
flag --with,--with-requirements,--with-editable =value high install.code installs code
flag --group,--extra,--only-group,--no-group,--env-file,--package,--isolated-from =value
flag -m,--module,-s,--script =value medium run.project
sub sync,add,lock,self,pip,pip+install,pip+sync,pip+compile,python,python+install,python+pin,tool,tool+install,tool+upgrade,tool+run,upgrade,auth high install.code installs code
flag --check,--locked-check lowers
sub tree,version,help,--version,pip+list,pip+show,pip+freeze,pip+check,pip+tree,python+list,python+find,python+dir,tool+list,tool+dir,cache+dir,export read
sub remove medium build changes what is installed
sub venv,build,init,format,cache+clean,cache+prune,pip+uninstall,tool+uninstall,python+uninstall medium build
sub publish critical deploy.release publishes a package
