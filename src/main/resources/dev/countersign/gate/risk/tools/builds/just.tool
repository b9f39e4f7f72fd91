# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool just task mage invoke inv fab poe doit thor earthly dagger waf scons ant rake
default medium build
flag -f,--justfile,--taskfile,-d,--working-directory,-C,-t,-r,--buildfile =script
flag --eval,-e,--execute,-E =value high run.code runs code from its arguments
flag --shell,--shell-command,--shell-arg,--chooser =value high run.code runs recipes by a program of its choice
flag -l,--list,--list-all,-a,--summary,-T,-P,--tasks,-n,--dry-run,--dump,--show,--evaluate lowers
flag -H,--hosts =host critical infra.apply works on other machines
flag -c,--command =code
args target
