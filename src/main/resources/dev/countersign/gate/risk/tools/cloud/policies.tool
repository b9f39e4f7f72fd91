# promtool, amtool, opa, regal, jsonnet, cue, kyverno, dhall: each one's --help
tool promtool opa regal kyverno cue kcl dhall jsonnetfmt jsonnet-lint gator cfn-guard
default low test
flag -o,--out,--output,--outfile =write
flag -i,--in-place,-w,--write,--inplace medium write changes files
sub fmt,fix,mod,import,export medium write changes files
sub push,login,debug,query,tsdb,run,server,apply high net.request talks to a service
tool jsonnet
default medium build
flag -o,--output-file,-m,--multi =write
tool amtool
default high net.request talks to a service
sub check-config low test
