# npm(1) and its pages, yarn, pnpm, bun, npx, and the programs that packages bring
tool npm
default high
flag -w,--workspace,--prefix,-C,--registry,--tag,--otp,--loglevel,--cache,--userconfig,--script-shell,--omit,--include,--location =value
sub test,t,tst low test
sub run,run-script =target low
sub start,stop,restart,pack,dedupe,prune,shrinkwrap,version,init,create medium
sub ls,list,la,ll,view,info,show,outdated,explain,why,fund,doctor,root,prefix,bin,help,search,query,docs,bugs,repo,ping read
sub config+get,config+list,config+ls,get read
sub config,c,set high npm.config changes where npm gets code from and what it runs
sub install,i,in,ins,add,ci,clean-install,install-test,it,install-ci-test,update,up,upgrade,udpate,rebuild,rb,link,ln high install.code installs code and runs its scripts
sub uninstall,un,remove,rm,r medium
sub audit low
sub audit+fix high install.code
sub exec,x high install.code runs a package, and gets it if it is not there
flag -c,--call =code
flag -p,--package =value
sub publish,unpublish,deprecate,dist-tag,access,owner,team,org,star critical deploy.release changes what others get
sub login,adduser,logout,token,profile,whoami,hook critical secrets.rotate handles credentials
special npm
tool pnpm yarn bun
default high
flag -w,--workspace-root,-F,--filter,--dir,-C,--cwd,--reporter,--registry =value
flag -r,--recursive,--silent,-s low
flag -e,--eval =value high run.code runs code from its arguments
sub test,t low test
sub run,run-script =target low
sub lint,typecheck,check,format:check,type-check,jest,vitest,eslint,tsc,test:*,lint:* low test
sub build,start,dev,format,fmt,pack,prune,dedupe,clean,init,create,store,prettier,build:*,dev:* medium build
sub ls,list,why,outdated,info,view,root,bin,licenses,versions,help,search read
sub config,set high npm.config changes where code comes from
sub config+get,config+list read
sub install,i,add,update,up,upgrade,import,rebuild,link,fetch,ci,install-test,it,plugin,global,policies,dlx,patch,patch-commit high install.code installs code and runs its scripts
sub remove,rm,un,uninstall,unlink medium
sub audit low
sub exec,x,node high run.code runs a program of a package
sub publish,npm,unpublish,tag,owner,login,logout,deploy,release,deploy:*,publish:* critical deploy.release changes what others get
special npm
tool npx bunx pnpx
default read
flag -c,--call =code
flag -p,--package =value high install.code gets a package
flag -w,--workspace =value
wraps 0
special npx
tool jest vitest mocha ava tap c8 nyc karma jasmine cypress playwright eslint tslint stylelint standard xo biome oxlint markdownlint markdownlint-cli2 commitlint depcheck knip svelte-check vue-tsc cspell textlint
default low test
flag --fix,-w,--write,-u,--updateSnapshot,--update medium write changes files
flag -c,--config,-t,-f,--format,-o,--output-file,--reporter,--ext,--testNamePattern,--project =value
flag --config =script
flag --globalSetup,--setupFiles,--resolver,--rulesdir,--plugin,--require,-r =value medium run.project
flag --init high install.code
sub install,open,codegen,show-report,show-trace high install.code
tool tsc
default medium build
flag --noEmit,--showConfig,--listFiles lowers
flag --init high write
flag -p,--project,--target,--module,--lib =value
flag --outDir,--outFile,--declarationDir =write
tool prettier
default low test
flag -w,--write medium write changes files
flag --config,--plugin,--parser,--ignore-path =value
args read
tool vite webpack rollup esbuild parcel tsup babel swc next nuxt astro gatsby remix ng nest nx turbo lerna rush grunt gulp browserify sass less-css postcss tailwindcss typedoc storybook craco react-scripts vue-cli-service svelte-kit expo ember
default medium build
flag -c,--config,-o,--out-dir,--outDir,--outfile,-p,--port,--mode =value
sub test,lint,check,info,--version low test
sub add,update,install,migrate,generate medium build
sub deploy,publish,submit critical deploy.release
tool prisma
default high
sub validate,format,version low
sub generate medium build
sub migrate,migrate+*,db,db+* critical sql.schema changes a database
tool knex sequelize sequelize-cli typeorm drizzle-kit db-migrate mikro-orm goose dbmate sqitch atlas flyway liquibase alembic yoyo tern migrate golang-migrate diesel sea-orm-cli sqlx skeema
default critical sql.schema changes a database
flag -h,--help,--version low
sub status,info,history,current,heads,validate,migrate:status,list,show,log high sql.read looks at a database's schema
sub new,revision,create,generate,init critical sql.schema makes a schema migration
