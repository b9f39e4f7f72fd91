# corepack
tool corepack
default high install.code changes the toolchain
sub yarn,pnpm,npm low
