# dart.dev/tools/dart-tool
tool dart
default medium run.project
sub analyze,test,info,doc+--dry-run low test
sub format,fix,run,compile,create,doc,build medium build
flag --dry-run,--set-exit-if-changed low
sub pub,pub+* high install.code installs code
sub pub+outdated,pub+deps medium net.registry
sub pub+publish critical deploy.release publishes
