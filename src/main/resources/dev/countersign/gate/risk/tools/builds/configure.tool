# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool configure autoconf automake autoreconf aclocal libtoolize bison flex yacc lex gperf protoc swig
default medium build
flag -o =write
flag --plugin =value high run.code runs a program
args read
