# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool xxd base64 base32 basenc uudecode uuencode openssl-enc
default read
flag -w,--wrap =value
args read
special decode-d
