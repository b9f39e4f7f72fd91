# R(1)
tool R
default medium run.project
flag -e,-f,--file =value high run.code
sub CMD+check,CMD+config low test
sub CMD+build,CMD+BATCH medium build
sub CMD+INSTALL,CMD+REMOVE high install.code
