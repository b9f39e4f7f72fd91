# dotnet(1)
tool dotnet
default medium
flag --list-sdks,--list-runtimes,--info,--version lowers
flag -c,--configuration,-f,--framework,-r,--runtime,-p,--project,-o,--output,-v,--verbosity,--filter,--logger,-l,--property =value
sub test,list,list+package,sln+list,list+reference,--info,--version,nuget+locals,nuget+list,workload+list,tool+list,vstest low test
sub format medium write changes files
flag --verify-no-changes lowers
sub build,clean,run,new,sln,pack,publish,msbuild,watch,store,build-server medium build
sub add,remove,restore,tool,workload,dev-certs high install.code installs code
sub nuget+push,nuget+delete critical deploy.release publishes a package
sub nuget high install.code
sub ef+migrations+list,ef+dbcontext,ef+dbcontext+info,ef+dbcontext+list medium sql.read
sub ef+migrations,ef+database critical sql.schema changes a database
sub ef critical sql.schema
sub user-secrets critical secrets.rotate shows or changes secrets
sub exec,fsi,script high run.code
