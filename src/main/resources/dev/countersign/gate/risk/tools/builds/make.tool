# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool make gmake bmake
default medium build
flag -n,--just-print,--dry-run,--recon,-q,--question lowers
flag -f,--file,--makefile =script
flag --eval,-E =value high run.code runs makefile text from its arguments
flag -C,--directory =cd
flag -I,--include-dir,-j,--jobs,-l,--load-average,-o,--old-file,-W,--what-if =value
args target
special make
