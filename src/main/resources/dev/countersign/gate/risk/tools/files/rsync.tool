# coreutils: cp(1) mv(1) rm(1) ln(1) mkdir(1) touch(1) tee(1) truncate(1) install(1) dd(1) chmod(1) chown(1) split(1), patch(1), tar(1), zip(1)
tool rsync
default medium write copies files
flag -e,--rsh,--rsync-path =code high run.code rsync runs a command
flag --exclude,--include,--filter,-f,--exclude-from,--include-from,--files-from,-T,--temp-dir,--compare-dest,--copy-dest,--link-dest,--chmod,--bwlimit,--port,--timeout,--log-file,--password-file =value
special copy-remote
