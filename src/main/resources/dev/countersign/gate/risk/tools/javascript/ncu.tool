# npm-check-updates
tool ncu npm-check-updates npm-check taze
default medium net.registry asks the package server for facts
flag -u,--upgrade,-w,--write high install.code changes which code is installed
