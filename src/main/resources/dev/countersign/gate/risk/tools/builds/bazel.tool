# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool bazel bazelisk buck buck2 pants please
default medium build
flag --config,--jobs =value
flag --run_under,--script_path =code high run.code
sub test,query,cquery,aquery,info,version,help,lint,check,list,dependencies low test
sub coverage low test
sub run =target medium build
sub build,clean,fmt medium build
sub fetch,sync,mod high install.code
sub publish critical deploy.release
