# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool rustup
default high install.code changes the toolchain
sub show,which,doc,toolchain+list,target+list,component+list read
