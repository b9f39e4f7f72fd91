# coreutils: cp(1) mv(1) rm(1) ln(1) mkdir(1) touch(1) tee(1) truncate(1) install(1) dd(1) chmod(1) chown(1) split(1), patch(1), tar(1), zip(1)
tool cp gcp
default medium write copies files
flag -t,--target-directory =write
flag -S,--suffix,--backup,--sparse,--preserve,--no-preserve =value
args copy
tool mv gmv
default medium write moves files
flag -t,--target-directory =write
flag -S,--suffix =value
args move
tool ln
default medium write makes a link
flag -t,--target-directory =write
flag -S,--suffix =value
args copy
tool rm grm
default medium delete removes files
flag --no-preserve-root critical delete.system takes away rm's own guard
special rm
tool rmdir
default medium delete removes empty directories
args delete
tool unlink
default medium delete
args delete
tool shred wipe srm
default high delete.many destroys files
flag -n,-s,--iterations,--size,--random-source =value
args delete
tool trash trash-put gio
default medium delete
args delete
tool mkdir gmkdir
default medium write makes directories
flag -m,--mode =value
args write
tool touch
default medium write
flag -t,-d,-r,--date,--reference,--time =value
args write
tool mkfifo mknod
default medium write
flag -m,--mode =value
args write
tool mktemp
default read
flag -p,--tmpdir,--suffix =value
tool tee
default read
args write
special cat
tool sponge
default medium write
args write
tool truncate
default medium write
flag -s,--size,-r,--reference =value
args write
tool install ginstall
default medium write copies files
flag -m,--mode,-o,--owner,-g,--group,-S,--suffix,--strip-program =value
flag -t,--target-directory,-D,-d =write
args copy
tool dd
default medium write copies blocks
special dd
tool chmod
default medium file.mode changes rights
flag --reference =value
special chmod
tool chown chgrp
default medium file.owner changes owners
flag --reference,--from =value
flag -R,--recursive high file.owner changes owners of everything below
tool setcap
default critical file.setuid gives a program rights of root
tool setfacl chattr
default high file.mode changes rights
tool split csplit
default medium write
flag --filter =code high run.code runs a command for each piece
flag -b,-l,-n,-a,-C,-t,--bytes,--lines,--number =value
tool patch
default medium write changes files as a patch says
flag -i,--input =read
flag -o,--output =write
flag -p,--strip,-d,--directory,-D,-F,-Y,-z,-B,-V =value
args write
tool tar gtar bsdtar
default low
flag --to-command,--checkpoint-action,-I,--use-compress-program,--rsh-command,-F,--info-script,--new-volume-script,--rmt-command =code high run.code tar runs a command
flag -f,--file,-C,--directory =value
flag -P,--absolute-names high write.outside unpacks to anywhere
flag --exclude,-X,-T,--files-from,--transform,--xform,-b,-H,--format,--owner,--group,--mode,--mtime,-g,-N,-V,-K,-L,--strip-components,--checkpoint =value
special tar
tool zip
default medium write packs files
flag -TT,--unzip-command =code high run.code zip runs a command
flag -x,-i,-b,-n,-t,-P =value
args read
tool unzip 7z 7za unrar unar jar-x ditto
default medium write.unpack unpacks an archive over what is there
flag -l,-v,-Z,-t lowers
flag -d,-x,-P,-p =write
tool gzip bzip2 xz zstd lz4 pigz compress brotli
default medium write packs files
flag -c,--stdout lowers
flag -d,--decompress low
flag -o,-S,-T,-l =value
special decode-d
tool cpio ar pax
default medium write packs or unpacks
flag -F,-I,-O,-H,-R,-E =value
flag --to-command,--rsh-command =code high run.code runs a command
tool rename prename
default medium write renames files, by code of its arguments
args write
tool iconv-o
default read
tool rsync
default medium write copies files
flag -e,--rsh,--rsync-path =code high run.code rsync runs a command
flag --exclude,--include,--filter,-f,--exclude-from,--include-from,--files-from,-T,--temp-dir,--compare-dest,--copy-dest,--link-dest,--chmod,--bwlimit,--port,--timeout,--log-file,--password-file =value
special copy-remote
tool sqlite3 sqlite duckdb
default medium sql.read opens a database
flag -init =script
flag -cmd =value
flag -c =value
single
special sql
