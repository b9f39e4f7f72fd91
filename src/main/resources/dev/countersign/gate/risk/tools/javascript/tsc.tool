# npm(1) and its pages, yarn, pnpm, bun, npx, and the programs that packages bring
tool tsc
default medium build
flag --noEmit,--showConfig,--listFiles lowers
flag --init high write
flag -p,--project,--target,--module,--lib =value
flag --outDir,--outFile,--declarationDir =write
