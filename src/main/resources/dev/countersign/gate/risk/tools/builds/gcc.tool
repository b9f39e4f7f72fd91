# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool gcc g++ cc c++ clang clang++ cpp ld gold lld as rustc javac kotlinc-jvm scalac tcc nvcc gfortran mcs csc fpc ghc-make emcc
default medium build
flag -o,-d,--out-dir =write
flag -fplugin,-specs,-wrapper,--plugin,-load,-Xclang high run.code loads code into the compiler
flag -B =value high run.code takes the compiler's programs from elsewhere
flag -processorpath,--processor-path,-processor =value medium run.project
flag -I,-L,-l,-D,-U,-x,-std,-include,-isystem,-cp,-classpath,-C,--edition,--crate-type,--target,-target,-L,-e,-arch,-mllvm =value
args read
flag --version,-v,-V,-dumpversion,-dumpmachine,-print-search-dirs,-E,-fsyntax-only lowers
