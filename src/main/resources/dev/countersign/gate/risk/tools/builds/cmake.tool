# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool cmake
default medium build
flag -P =script
flag -E low
special cmake
flag -B,-S,-G,-D,-C,-U,-T,-A,--preset,--target,-t,--config,-j,--toolchain,--prefix =value
flag --install high install.code installs what was built
