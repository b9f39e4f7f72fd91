# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool rspec minitest cucumber guard
default low test
flag -r,--require,-e,--example,-f,--format,-I =value
