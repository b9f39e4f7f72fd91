# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool go
default high
flag -C =cd
sub test low test
flag -exec,-toolexec =code high run.code runs programs by another
flag -o,-coverprofile,-cpuprofile,-memprofile,-trace,-blockprofile =write
flag -run,-count,-timeout,-bench,-tags,-p,-parallel,-mod,-ldflags,-gcflags,-covermode,-coverpkg,-short,-cpu,-vet,-fuzz,-fuzztime,-benchtime =value
sub vet low test
flag -vettool =code high run.code runs another program
sub list,version,env,doc,help,mod+graph,mod+why,mod+verify,tool+cover,tool+pprof read
flag -w =value high install.source changes where Go gets code from
sub fmt,fix,mod+edit,mod+init,work+*,clean medium write
sub build medium build
flag -o =write
flag -toolexec,-exec =code high run.code runs programs by another
flag -tags,-ldflags,-gcflags,-mod,-p,-asmflags,-buildmode =value
sub run medium run.project
flag -exec,-toolexec =code high run.code runs programs by another
flag -tags,-ldflags,-gcflags,-mod =value
sub generate high run.code runs commands that source files name
sub tool medium
sub env+-w high install.source changes where Go gets code from
sub get,install,mod+download,mod+tidy,mod+vendor high install.code installs code
single exact
special go
