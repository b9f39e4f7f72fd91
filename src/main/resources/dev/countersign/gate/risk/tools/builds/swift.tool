# swift(1): the package manager and the compiler
tool swift
default medium run.project
sub test low test
sub build,run,package,repl medium build
sub package+describe,package+dump-package,package+show-dependencies,package+tools-version read
sub package+update,package+resolve,package+add-dependency high install.code installs code
flag -c,--configuration,--package-path,--filter =value
