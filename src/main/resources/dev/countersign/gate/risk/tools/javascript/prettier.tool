# npm(1) and its pages, yarn, pnpm, bun, npx, and the programs that packages bring
tool prettier
default low test
flag -c,--check,-l,--list-different low
flag -w,--write medium write changes files
flag --config,--plugin,--parser,--ignore-path =value
args read
