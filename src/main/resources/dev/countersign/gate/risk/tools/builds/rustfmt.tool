# rustfmt, astyle(1), indent(1), dos2unix(1): change files unless told otherwise
tool rustfmt astyle indent uncrustify dos2unix unix2dos mac2unix scalafmt swiftformat swift-format ktfmt dprint taplo
default medium write changes files
flag --check,-l,--lint,--dryrun,--dry-run,--list,--test lowers
flag --config,--edition,-o,--options =value
sub check,lint low test
args write
