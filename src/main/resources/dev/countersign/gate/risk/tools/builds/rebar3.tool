# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool rebar3 stack cabal opam nimble shards dub vcpkg conan pod carthage swift-build pub
default medium build
sub ls,ls+*,tree,test,check,ct,eunit,dialyzer,analyze,doctor,info,list,show low test
sub build,compile,clean,run,doc,fmt,format medium build
sub setup,install,update,add,get,upgrade,pub+get,pub+add high install.code installs code
sub publish,upload,push,deliver,pilot,hex,pub+publish,release,beta,deploy,match,cert,sigh critical deploy.release publishes
