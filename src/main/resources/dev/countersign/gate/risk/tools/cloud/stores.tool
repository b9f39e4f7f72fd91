# etcdctl(1), consul, snowsql, keepassxc-cli(1), jira and glab: their own help
tool etcdctl
default high infra.read asks a store that others share
flag --endpoints,--cert,--key,--cacert,--user,-w,--write-out =value
sub version,help read
sub put,del,txn,compaction,defrag,lease+*,snapshot+restore,member+*,auth+*,user+*,role+*,move-leader,make-mirror critical infra.apply changes a store that others share
tool snowsql
default critical sql.change works on a database that others share
flag -v,--version,-h,--help lowers
tool keepassxc-cli
default critical secrets.read opens a store of passwords
sub --version,generate,diceware,help low
tool jira
default critical net.send changes something that others see
flag -h,--help lowers
sub issue+list,issue+view,sprint+list,project+list,board+list,me,version,serverinfo,epic+list high net.request asks a service that others use
