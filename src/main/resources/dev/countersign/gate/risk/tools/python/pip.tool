# pip(1)
tool pip pip3 pipx-pip
default high
flag -r,--requirement,-c,--constraint =read
flag --python,--proxy,--timeout,--log,--cache-dir,--progress-bar,--format,--path =value
sub list,show,freeze,check,help,debug,inspect,cache,cache+dir,cache+list,cache+info,hash,config+list,config+get,completion read
flag -f,--files,-v low
sub list,index,index+versions,search medium net.registry asks the package server for facts
sub install,download,wheel,lock high install.code installs code and runs its setup
flag -i,--index-url,--extra-index-url,-f,--find-links =url high install.source takes code from elsewhere
flag --trusted-host =host high install.source does not check who answers
flag -t,--target,--prefix,--root,--src,-d,--dest =write
flag -e,--editable =value
sub uninstall,cache+purge,cache+remove medium
sub config high install.source changes where code comes from
