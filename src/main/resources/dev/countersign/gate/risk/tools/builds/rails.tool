# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool rails
default medium run.project
sub test,test:*,routes,about,stats,notes,zeitwerk:check,version,-T,--tasks,initializers,middleware,spec low test
sub generate+migration,g+migration critical sql.schema makes a schema migration
sub db:migrate:status,db:version,db:abort_if_pending_migrations medium sql.read looks at a database's schema
sub server,s,generate,g,destroy,d,new,assets:precompile medium
sub console,c,runner,r high run.code runs code
sub db:*,dbconsole,db critical sql.schema changes a database
sub credentials:*,secrets:*,encrypted:* critical secrets.rotate shows or changes secrets
