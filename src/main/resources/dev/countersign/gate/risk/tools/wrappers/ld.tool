# ld.so(8): runs the program that it is given
tool ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 ld-linux.so.2 ld-linux-armhf.so.3 ld-musl-x86_64.so.1 ld-musl-aarch64.so.1
default high run.code runs a program by the loader
flag --library-path,--preload,--argv0,--audit =value
wraps 0
