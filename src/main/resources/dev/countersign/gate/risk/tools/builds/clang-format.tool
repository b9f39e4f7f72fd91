# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool clang-format gofmt goimports gofumpt google-java-format shfmt scalafix ormolu fourmolu tidy
default low test
flag -i,-w,--write,-inplace,--replace medium write changes files
flag -o,--output =write
flag --check,-l,-d,--dry-run low
args read
single exact
# they change files unless they are told only to look
tool phpcbf php-cs-fixer stylua nixfmt
default medium write changes files
flag --check,--dry-run,--diff,-c lowers
flag --config,--rules,--standard,--config-path =value
args write
sub list-files,describe,list,help read
