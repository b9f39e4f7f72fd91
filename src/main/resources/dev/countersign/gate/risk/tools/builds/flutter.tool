# docs.flutter.dev/reference/flutter-cli
tool flutter fvm
default medium build
sub analyze,test,doctor,devices,--version,config+--list,logs low test
sub build,run,clean,create,format,gen-l10n,attach,drive medium build
sub pub,pub+*,upgrade,precache,channel,downgrade,install high install.code installs code
sub pub+outdated,pub+deps medium net.registry
sub pub+publish critical deploy.release publishes
