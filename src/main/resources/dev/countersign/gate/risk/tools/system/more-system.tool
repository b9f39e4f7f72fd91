# atq(1) renice(1) numactl(8) wslpath cygpath dmidecode(8) logrotate(8) getenforce(8) restorecon(8) say espeak(1)
tool atq getenforce aa-status wslpath cygpath dmidecode say espeak espeak-ng
default read
tool renice atrm
default medium process.kill changes what runs in the VM
tool numactl
default read
flag -C,-N,-m,-p,-i,--cpunodebind,--physcpubind,--membind,--interleave,--preferred =value
wraps 0
tool shx
default read
wraps 0
tool watchexec
default read
flag -e,--exts,-w,--watch,-i,--ignore,-f,--filter,-d,--debounce,-s,--signal,--shell,--project-origin,--workdir =value
wraps 0
tool logrotate restorecon aa-enforce
default high system.service changes how the machine works
tool aa-teardown
default critical guard.tamper turns off protections of the machine
tool fail2ban-client
default critical guard.tamper changes protections of the machine
sub status,version,ping,get read
tool apachectl apache2ctl haproxy envoy traefik supervisord rq-worker
default medium run.project starts a service
flag -t,-c,--validate-config lowers
tool wkhtmltopdf wkhtmltoimage weasyprint
default medium build
args write
tool ollama
default medium net.local asks a service in the VM
sub list,ls,ps,show,--version read
sub pull,create high install.code gets a model
sub push critical net.send sends data out of the VM
tool llm
default critical net.send sends data out of the VM
sub logs,models,plugins,--version read
tool zellij byobu lazygit lazydocker
default high env.shell starts something open
sub list-sessions,ls,setup read
tool sl
default high git.unknown
sub status,log,diff,show,cat,smartlog read
sub add,commit,amend,goto,rebase,mv medium git.commit
sub push critical net.send
tool cvs p4
default critical net.send works on what others share
sub status,diff,log,info,opened,changes,filelog,describe read
tool git-lfs
default high net.request
sub ls-files,status,env,version read
tool git-flow
default medium git.change changes branches
