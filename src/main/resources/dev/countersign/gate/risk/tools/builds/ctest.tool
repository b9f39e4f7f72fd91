# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool ctest
default low test
flag -R,-E,-L,-j,-C,--output-log,-S,-D =value
flag -S =script
