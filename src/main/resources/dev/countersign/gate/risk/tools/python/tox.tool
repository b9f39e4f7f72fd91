# tox(1) nox(1): environments and sessions of the project
tool tox nox
default low test
flag -e,-s,--session,-c,-f,--file,-p,-k,-m,-t =value
flag -l,--list,-a,--listenvs,--list-sessions lowers
sub run,r,run-parallel,p low test
sub list,l,config,c,depends,de,quickstart low
sub devenv,d,exec high run.code
special sessions
