# buf.build/docs/reference/cli
tool buf
default medium build
sub lint,breaking,ls-files,version,config+ls-modules low test
sub format medium write changes files
flag -d,--diff,--exit-code lowers
sub generate,build,convert,export medium build
sub dep,mod high install.code gets modules
sub push,registry critical deploy.release publishes
