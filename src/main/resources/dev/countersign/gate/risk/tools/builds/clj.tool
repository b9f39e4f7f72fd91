# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool clj clojure
default medium run.project
flag -e,--eval =value high run.code runs code from its arguments
flag -Sdeps =value high install.code
single
