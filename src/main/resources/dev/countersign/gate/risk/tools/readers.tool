# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool cat gcat tac
default read
args read
special cat
tool bat batcat
default read
flag --pager =value high run.code runs a program to show output
flag -l,--language,-r,--line-range,-H,--theme,--style =value
args read
tool head tail
default read
flag -n,--lines,-c,--bytes,-s,--sleep-interval,--pid =value
args read
tool less more most
default read
flag -o,-O,--log-file,--LOG-FILE =write
flag -k,--lesskey-file,--lesskey-src,-T,-t,-p,--pattern =value
args read
tool ls gls dir vdir exa eza lsd tree
default read
flag -o =value
flag -I,--ignore,-w,--width,-L,-P,--level =value
args read
tool wc nl od hexdump hd strings cksum sum md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum md5 shasum file stat readlink realpath du df cmp fold fmt expand unexpand pr column colrm rev paste join comm look tsort iconv cloc tokei scc zcat bzcat xzcat zstdcat lz4cat zless zgrep namei lsattr getfacl basename dirname pathchk mktemp-d
default read
flag -c,-n,-l,-w,-d,-s,-f,-t,-T,-m,-e,-N,-A,-j,-b,--bytes,--lines,--max-depth,--format,--width,--delimiter,-o,-g =value
args read
tool cut
default read
flag -d,-f,-c,-b,--delimiter,--fields,--characters,--bytes,--output-delimiter =value
args read
tool sort gsort
default read
flag -o,--output =write
flag --compress-program =code high run.code runs a program
flag -T,--temporary-directory,-k,--key,-t,--field-separator,-S,--buffer-size,--parallel,--batch-size =value
flag --files0-from =read
args read
tool uniq
default read
flag -f,-s,-w,--skip-fields,--skip-chars,--check-chars =value
args copy
tool tr
default read
tool yes clear tput reset stty tty nproc arch uname hostname-f date-u cal uptime free lscpu lsblk lsmem getconf locale id whoami groups users who w logname ps pgrep pidof top htop vmstat iostat mpstat sar lsof fuser pstree ldd nm objdump readelf size
default read
flag -p,-u,-o,-O,-C,-g,-n,-d,-S,-t,-U,-G,-f =value
tool hostname domainname
default read
tool date
default read
flag -d,--date,-r,--reference,-f,--file =value
flag -s,--set high system.clock sets the clock
tool grep egrep fgrep ggrep rgrep
default read
flag -e,--regexp =value
flag -f,--file =read
flag -A,-B,-C,-m,-d,-D,--context,--after-context,--before-context,--max-count,--include,--exclude,--exclude-dir,--color,--label =value
args pattern
tool rg ripgrep
default read
flag --pre =code high run.code runs a program on each file
flag --hostname-bin =code high run.code runs a program
flag -e,--regexp,-g,--glob,-t,--type,-T,--type-not,-A,-B,-C,-m,--max-count,--sort,--sortr,-j,--threads,-M,--max-columns,-E,--encoding,-r,--replace,--iglob,--type-add,-d,--max-depth,--colors,--engine,--pre-glob =value
flag -f,--file,--ignore-file =read
flag -z,--search-zip medium run.code runs programs that unpack
args pattern
tool ag ack pt ugrep ast-grep sg-search semgrep
default read
flag --pager =code high run.code runs a program
flag -G,-A,-B,-C,-m,--ignore,--pattern,-p,-l,--lang =value
flag -o,--output =write
flag -U,--update-all,--autofix medium write changes files
args pattern
tool diff colordiff sdiff diff3 wdiff
default read
flag -o,--output =write
flag --diff-program =code high run.code runs a program
flag -U,-C,-W,-x,-X,-I,-F,-L,--label,--unified,--context,--exclude =value
args read
tool find gfind
default read
special find
tool fd fdfind
default read
flag -e,--extension,-t,--type,-d,--max-depth,-E,--exclude,-S,--size,--base-directory,--search-path,-j,--threads,-c,--color =value
flag -x,-X,--exec,--exec-batch low
special exec-option
tool locate mlocate plocate
default medium read.outside looks over the whole machine
tool xxd base64 base32 basenc uudecode uuencode openssl-enc
default read
flag -w,--wrap =value
args read
special decode-d
tool gunzip unxz bunzip2 unzstd unlz4
default medium write unpacks files
flag -c,--stdout lowers
args write
special decode
tool man info apropos whatis tldr
default read
flag -P,--pager,-H,--html =code high run.code runs a program
tool envsubst
default high secrets.env puts the environment into text
tool column-t tee-n
default read
