# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool bundle bundler
default high
sub exec low
runs 0
sub outdated medium net.registry asks the package server for facts
sub doctor,env,version,open low
sub clean,init,binstubs,pristine medium build
sub install,update,add,config,lock high install.code installs code
sub list,show,info,check,platform,audit read
