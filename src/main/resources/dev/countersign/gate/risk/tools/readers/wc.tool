# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool wc nl od hexdump hd strings cksum sum md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum md5 shasum file stat readlink realpath du cmp fold fmt expand unexpand pr column colrm rev paste join comm look tsort iconv cloc tokei scc zcat bzcat xzcat zstdcat lz4cat zless zgrep namei lsattr getfacl mktemp-d
default read
flag -c,-n,-l,-w,-d,-s,-f,-t,-T,-m,-e,-N,-A,-j,-b,--bytes,--lines,--max-depth,--format,--width,--delimiter,-o,-g =value
args read
