# git(1), gitcli(7), and the page of each sub-command
tool gh glab hub tea
default high net.request talks to a forge
flag -R,--repo,-q,--jq,--json,-L,--limit,--hostname =value
sub repo+clone high net.request gets a repository
sub pr+view,pr+list,pr+diff,pr+checks,pr+status,issue+view,issue+list,issue+status,run+view,run+list,run+watch,release+view,release+list,repo+view,repo+list,workflow+list,workflow+view,search+*,label+list,mr+view,mr+list,mr+diff high net.request reads from a forge
sub pr+checkout,mr+checkout,repo+clone,run+download,release+download high net.request gets code or files from a forge
sub pr+*,issue+*,release+*,repo+*,run+*,workflow+*,gist+*,label+*,mr+*,project+*,codespace+*,cache+*,ruleset+* critical net.send changes something that others see
sub api critical net.send can do anything at a forge
flag -X,--method,-f,--raw-field,-F,--field,-H,--header,--input,-t,--template,-p,--preview,--cache =value
sub auth+status high
sub auth+*,secret+*,variable+*,ssh-key+*,gpg-key+*,token+* critical secrets.rotate shows or changes secrets
sub ci+list,ci+view,ci+status,ci+trace,ci+get,ci+lint high net.request reads from a forge
sub ci+* critical net.send changes something that others see
sub extension+*,alias+* high install.code installs code
sub version,help,completion read
sub auth+token critical secrets.read shows a token
sub status,browse high net.request reads from a forge
special forge
