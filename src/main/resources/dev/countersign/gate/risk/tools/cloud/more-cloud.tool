# Deployment tools and clouds: each one's --help or manual
tool azd ecs-cli vultr-cli deployer dep capistrano vapor knife chef-client chef-solo puppet salt salt-call salt-ssh morph colmena nixos-rebuild home-manager b2
default critical infra.apply changes machines or accounts
flag --version,--help lowers
sub version,help,list,show,status,validate,parser+validate high infra.read asks machines or accounts
tool func
default medium run.project
sub azure,deploy,publish critical deploy.release deploys
sub init,new,start,pack,templates+list medium build
tool colima lima orb
default high container.run changes virtual machines
sub list,status,version,ls,info read
sub delete critical delete.system removes a virtual machine
tool stern kail kubetail nodetool
default high infra.read asks a cluster
sub decommission,removenode,drain,rebuild,move,assassinate,truncatehints critical infra.apply changes a cluster
tool certbot acme.sh lego step dehydrated
default critical secrets.rotate makes or changes certificates and keys
sub certificates,plugins,version,help,certificate+inspect,certificate+lint medium
tool mkcert
default high secrets.key makes keys and may change whom the machine trusts
flag -install,-uninstall critical secrets.rotate changes whom the machine trusts
tool wp drush
default high run.project works on a site
sub --version,--info,cli+version,cli+info,core+version,core+status,core+check-update,plugin+list,theme+list,user+list,option+get,post+list,status,pm:list,core:status,help,cron+event+list,menu+list,site+list medium run.project looks at a site
sub db+check,db+size,db+tables,db+query,sql:query,sqlq,db+search,db+cli,sql:cli high sql.read works on a database
sub db+reset,db+drop,db+create,db+import,db+clean,db+optimize,db+repair,db+export,search-replace,core+update-db,sql:drop,sql:create,sql-drop,sql:sync,sql:dump,updatedb,updb,site:install,si,site+empty,site+delete,core+multisite-install critical sql.schema changes a database
sub plugin+install,plugin+update,theme+install,theme+update,core+update,core+download,pm:install,package+install high install.code gets code
sub user+create,user+update,user+delete,user+set-role,user+add-role,user+reset-password,user+add-cap,role+create,role+delete,cap+add,super-admin+add,user:create,user:password,user:role:add,config+shuffle-salts critical secrets.rotate changes secrets or rights
sub eval,eval-file,shell,php:eval,php:script,ev,scr high run.code runs code
sub cache+flush,cache:rebuild,cr,transient+delete,rewrite+flush,cc,i18n+make-pot,scaffold medium build
tool symfony
default medium run.project
sub console medium run.project
self 0
sub check:requirements,local:check:requirements,version,help,server:status,local:server:status low test
sub new,local:new,composer high install.code gets code
sub deploy,cloud:deploy,cloud:*,project:*,env:* critical deploy.release deploys
tool kafka-console-consumer
default high net.request talks to a cluster
tool helm-unittest
default low test
