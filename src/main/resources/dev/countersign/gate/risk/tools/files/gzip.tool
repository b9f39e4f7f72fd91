# coreutils: cp(1) mv(1) rm(1) ln(1) mkdir(1) touch(1) tee(1) truncate(1) install(1) dd(1) chmod(1) chown(1) split(1), patch(1), tar(1), zip(1)
tool gzip bzip2 xz zstd lz4 pigz compress brotli
default medium write packs files
flag -c,--stdout,-t,--test,-l,--list lowers
flag -d,--decompress low
flag -o,-S,-T =value
special decode-d
