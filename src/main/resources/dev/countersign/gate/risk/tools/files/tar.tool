# coreutils: cp(1) mv(1) rm(1) ln(1) mkdir(1) touch(1) tee(1) truncate(1) install(1) dd(1) chmod(1) chown(1) split(1), patch(1), tar(1), zip(1)
tool tar gtar bsdtar
default low
flag --to-command,--rsh-command,-F,--info-script,--new-volume-script,--rmt-command =code high run.code tar runs a command
flag --checkpoint-action,-I,--use-compress-program =value
flag -f,--file,-C,--directory =value
flag -P,--absolute-names high write.outside unpacks to anywhere
flag --exclude,-X,-T,--files-from,--transform,--xform,-b,-H,--format,--owner,--group,--mode,--mtime,-g,-N,-V,-K,-L,--strip-components,--checkpoint =value
special tar
