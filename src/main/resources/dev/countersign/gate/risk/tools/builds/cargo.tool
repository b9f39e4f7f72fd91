# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool cargo
default high
flag -C,--config,-Z,--manifest-path,--target-dir,--color,-j,--jobs,-p,--package,--features,--profile,--bin,--example,--test,--bench,--target =value
flag --config =value high run.code sets configuration
sub test,t,check,c,clippy,nextest,nextest+run,tree,metadata,mutants,expand,asm,bloat,geiger,about,config+get,rustc+--print,deny,machete,udeps,semver-checks,miri,insta,llvm-cov,tarpaulin,version,pkgid,locate-project,verify-project,read-manifest,hack low test
flag --fix medium write changes files
flag --check lowers
sub insta+accept,insta+review,insta+reject medium write changes what tests compare with
sub fmt medium write changes files
flag --check lowers
sub build,b,run,r,bench,doc,d,rustc,rustdoc,package,new,init,clean,expand,fix,vendor,generate-lockfile,watch medium build
sub install,add,update,fetch,upgrade,binstall high install.code installs code
sub remove,rm,uninstall medium
sub publish,yank,owner,login,logout,release critical deploy.release changes what others get
sub search,info,outdated,audit medium net.registry asks the package server for facts
sub generate-lockfile,vendor,fetch,binstall high install.code installs code
sub xtask,make =target medium build
sub sqlx,sqlx+*,sea-orm critical sql.schema changes a database
sub release,dist,smart-release,workspaces critical deploy.release publishes
sub watch medium build
flag -s,--shell =code
special cargo
