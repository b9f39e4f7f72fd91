# symfony.com/doc: bin/console
tool console
default medium run.project
sub lint:*,debug:*,list,help,about,doctrine:schema:validate low test
sub doctrine:migrations:status,doctrine:migrations:list medium sql.read
sub doctrine:*,d:m:m,make:migration critical sql.schema changes a database
sub secrets:* critical secrets.rotate changes secrets
sub cache:*,assets:*,make:*,server:* medium build
