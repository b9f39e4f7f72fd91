# hyperfine(1): every argument is a command line
tool hyperfine
default low
flag -w,--warmup,-r,--runs,-m,-M,-n,--command-name,-L,-P,--parameter-list,--parameter-scan =value
flag -p,--prepare,-s,--setup,-c,--cleanup =code
flag --export-json,--export-markdown,--export-csv =write
args code
