# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool gem
default high install.code
sub list,info,which,environment,env,contents,dependency,specification read
sub push,yank,owner,signin critical deploy.release changes what others get
sub build medium
sub outdated medium net.registry
sub uninstall medium
sub search medium net.registry asks the package server for facts
