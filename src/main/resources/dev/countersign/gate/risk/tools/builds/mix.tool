# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool mix
default medium build
sub test,credo,dialyzer,help,xref,coveralls,sobelow,phx.routes,deps.tree,app.tree,deps,hex.audit,test.watch low test
sub hex.outdated,hex.info medium net.registry
sub ecto.migrations,ecto.dump medium sql.read
sub format medium write changes files
flag --check-formatted,--dry-run lowers
sub gettext.*,phx.gen.*,phx.digest,deps.clean,new,phx.new medium build
sub compile,docs,clean,phx.server medium
sub deps.get,deps.update,deps.compile,local.hex,local.rebar,archive.install,escript.install high install.code installs code
sub ecto.*,ecto+* critical sql.schema changes a database
sub hex.publish,release critical deploy.release
sub run,eval,do high run.code
flag -e,--eval =value high run.code
