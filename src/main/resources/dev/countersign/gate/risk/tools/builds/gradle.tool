# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool gradle gradlew
default medium build
flag -I,--init-script =script
flag -b,--build-file,-c,--settings-file =script
flag -p,--project-dir,-g,--gradle-user-home,-P,--project-prop,-D,--system-prop,-x,--exclude-task,--tests,--configuration,--dependency,--task,--scan-id,--warning-mode,--priority,--console,--max-workers,--include-build =value
flag -m,--dry-run,-v,--version lowers
args target
flag --write-locks,--update-locks,--write-verification-metadata high install.source changes which code is used
