# laravel.com/docs/artisan
tool artisan
default medium
sub test,list,route:list,about,help,env,model:show,schedule:list,event:list,config:show low test
sub migrate:status,db:show,db:table,db:monitor medium sql.read looks at a database
sub make:migration critical sql.schema makes a schema migration
sub migrate*,db:*,schema:dump critical sql.schema changes a database
sub tinker high run.code
sub key:generate,passport:*,jwt:secret,env:* critical secrets.rotate changes secrets
sub make:*,cache:clear,config:*,view:*,route:*,optimize*,serve,queue:*,storage:link,vendor:publish,schedule:run medium build
