# npm(1) and its pages, yarn, pnpm, bun, npx, and the programs that packages bring
tool npx bunx pnpx
default read
flag -c,--call =code
flag -p,--package =value high install.code gets a package
flag -w,--workspace =value
wraps 0
special npx
