# biomejs.dev/reference/cli
tool biome rome
default low test
flag --write,--apply,--apply-unsafe,--unsafe,--fix medium write changes files
sub check,lint,ci,rage,explain,version low test
sub format low test
sub migrate medium write changes files
sub init high write.build writes a configuration
