# getcomposer.org/doc/03-cli: an unknown word is a script of the project
tool composer
default low
flag -d,--working-dir,--format =value
sub show,info,validate,depends,why,why-not,prohibits,check-platform-reqs,licenses,diagnose,status,about,help,list,suggests,fund,config+--list read
sub outdated,audit,search,browse,home medium net.registry asks the package server for facts
sub test,lint,phpstan,phpunit,check,cs,psalm,pest low test
sub run-script,run =target low
sub exec low
runs 0
sub dump-autoload,dumpautoload,remove,clear-cache,clearcache,archive,init,normalize medium build
sub install,i,require,req,r,update,u,upgrade,create-project,global,self-update,selfupdate,reinstall,bump high install.code installs code
sub config high install.source changes where code comes from
special scripts
