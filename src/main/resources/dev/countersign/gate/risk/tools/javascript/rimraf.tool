# rimraf: removes like rm -rf
tool rimraf del del-cli trash-cli
default medium delete removes files
flag -g,--glob low
special rimraf
