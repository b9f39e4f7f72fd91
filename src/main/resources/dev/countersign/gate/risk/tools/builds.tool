# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool make gmake bmake
default medium build
flag -n,--just-print,--dry-run,--recon,-q,--question lowers
flag -f,--file,--makefile =script
flag --eval,-E =value high run.code runs makefile text from its arguments
flag -C,--directory =cd
flag -I,--include-dir,-j,--jobs,-l,--load-average,-o,--old-file,-W,--what-if =value
args target
tool ninja samu
default medium build
flag -C,-f,-j,-k,-l,-t,-d =value
args target
tool just task mage invoke inv fab poe doit thor earthly dagger waf scons ant rake
default medium build
flag -f,--justfile,--taskfile,-d,--working-directory,-C,-t,-r,--buildfile =script
flag --eval,-e,--execute,-E =value high run.code runs code from its arguments
flag -l,--list,--summary,-T,-P,--tasks,-n,--dry-run lowers
flag -H,--hosts =host critical infra.apply works on other machines
flag -c,--command =code
args target
tool cmake
default medium build
flag -P =script
flag -E low
flag -B,-S,-G,-D,-C,-U,-T,-A,--preset,--target,-t,--config,-j,--toolchain,--prefix =value
flag --install high install.code installs what was built
tool ctest
default low test
flag -R,-E,-L,-j,-C,--output-log,-S,-D =value
flag -S =script
tool meson
default medium build
sub test,introspect low test
sub install high install.code
tool configure autoconf automake autoreconf aclocal libtoolize bison flex yacc lex gperf protoc swig
default medium build
flag -o =write
flag --plugin =value high run.code runs a program
args read
tool gcc g++ cc c++ clang clang++ cpp ld gold lld as rustc javac kotlinc-jvm scalac tcc nvcc gfortran mcs csc fpc ghc-make zig emcc
default medium build
flag -o,-d,--out-dir =write
flag -fplugin,-specs,-wrapper,--plugin,-load,-Xclang high run.code loads code into the compiler
flag -B =value high run.code takes the compiler's programs from elsewhere
flag -processorpath,--processor-path,-processor =value medium run.project
flag -I,-L,-l,-D,-U,-x,-std,-include,-isystem,-cp,-classpath,-C,--edition,--crate-type,--target,-target,-L,-e,-arch,-mllvm =value
args read
tool clang-tidy cppcheck scan-build cpplint include-what-you-use shellcheck hadolint actionlint tflint golangci-lint staticcheck gosec errcheck revive ktlint detekt checkstyle spotbugs pmd scalafmt rubocop reek brakeman standardrb phpstan psalm phpcs phpmd credo dialyzer swiftlint hlint luacheck buf vale lychee gitleaks trufflehog semgrep-scan typos ls-lint vacuum spectral ameba
default low test
flag --fix,-fix,-w,--write,-a,-A,--autocorrect,--auto-correct,--autocorrect-all,-F,--format,--fix-errors medium write changes files
flag -c,--config,-p,-o,--rules,--severity,-s,-e,-f =value
sub run,lint,check,detect,analyse,analyze low test
sub push critical deploy.release
tool clang-format gofmt goimports gofumpt google-java-format rustfmt shfmt phpcbf php-cs-fixer mix-format terraform-fmt stylua nixfmt scalafix ormolu fourmolu xmllint tidy dos2unix unix2dos uncrustify indent astyle
default low test
flag -i,-w,--write,-inplace,--replace medium write changes files
flag -o,--output =write
flag --check,-l,-d,--dry-run low
args read
tool mvn mvnw mvnd
default medium build
flag -s,--settings,-gs,--global-settings,-t,--toolchains =read high install.source uses other settings
flag -f,--file =read
flag -Dexec.executable,-Dexec.args high run.code
flag -pl,--projects,-P,--activate-profiles,-rf,--resume-from,-T,--threads,-l,--log-file,-b,-gt =value
flag -v,--version low
args target
sub exec:java,exec:exec,antrun:run,groovy:execute,jetty:run,spring-boot:run high run.code runs a program
sub deploy,release:*,site:deploy,site-deploy,nexus-staging:*,deploy:*,jib:build,docker:push,dockerfile:push =target critical deploy.release publishes or deploys
sub flyway:*,liquibase:* critical sql.schema changes a database
sub install:install-file,wrapper:wrapper,versions:*,dependency:get,dependency:copy,archetype:generate,install high install.code changes what is installed or used
sub help:*,dependency:tree,dependency:analyze,surefire:test,failsafe:*,checkstyle:*,spotbugs:*,pmd:*,spotless:check =target low
single
tool gradle gradlew
default medium build
flag -I,--init-script =script
flag -b,--build-file,-c,--settings-file =script
flag -p,--project-dir,-g,--gradle-user-home,-P,--project-prop,-D,--system-prop,-x,--exclude-task,--tests,--console,--max-workers,--include-build =value
flag -m,--dry-run,-v,--version lowers
args target
tool sbt lein mill amper
default medium build
flag -Dsbt.boot.directory =value
args target
tool clj clojure
default medium run.project
flag -e,--eval =value high run.code runs code from its arguments
flag -Sdeps =value high install.code
single
tool cargo
default high
flag -C,--config,-Z,--manifest-path,--target-dir,--color,-j,--jobs,-p,--package,--features,--profile,--bin,--example,--test,--bench,--target =value
flag --config =value high run.code sets configuration
sub test,t,check,c,clippy,nextest,nextest+run,tree,metadata,deny,audit,machete,udeps,semver-checks,miri,insta,llvm-cov,tarpaulin,search,info,version,pkgid,locate-project,verify-project,read-manifest,outdated,hack low test
flag --fix medium write changes files
flag --check lowers
sub fmt medium write changes files
flag --check lowers
sub build,b,run,r,bench,doc,d,rustc,rustdoc,package,new,init,clean,expand,fix,vendor,generate-lockfile,watch medium build
sub install,add,update,fetch,upgrade,binstall high install.code installs code
sub remove,rm,uninstall medium
sub publish,yank,owner,login,logout,release critical deploy.release changes what others get
tool rustup
default high install.code changes the toolchain
sub show,which,doc,toolchain+list,target+list,component+list read
tool go
default high
flag -C =cd
sub test low test
flag -exec,-toolexec =code high run.code runs programs by another
flag -o,-coverprofile,-cpuprofile,-memprofile,-trace,-blockprofile =write
flag -run,-count,-timeout,-bench,-tags,-p,-parallel,-mod,-ldflags,-gcflags,-covermode,-coverpkg,-short,-cpu,-vet,-fuzz,-fuzztime,-benchtime =value
sub vet low test
flag -vettool =code high run.code runs another program
sub list,version,env,doc,help,fmt,mod+graph,mod+why,mod+verify,tool+cover,tool+pprof read
flag -w =value high install.source changes where Go gets code from
sub fmt,fix,mod+edit,mod+init,work+*,clean medium write
sub build medium build
flag -o =write
flag -toolexec,-exec =code high run.code runs programs by another
flag -tags,-ldflags,-gcflags,-mod,-p,-asmflags,-buildmode =value
sub run medium run.project
flag -exec,-toolexec =code high run.code runs programs by another
flag -tags,-ldflags,-gcflags,-mod =value
sub generate high run.code runs commands that source files name
sub tool medium
sub get,install,mod+download,mod+tidy,mod+vendor high install.code installs code
single
special go
tool bundle bundler
default high
sub exec low
sub install,update,add,config,lock high install.code installs code
sub list,show,info,check,outdated,platform,audit read
special sub-run
tool rspec minitest cucumber guard
default low test
flag -r,--require,-e,--example,-f,--format,-I =value
tool rails
default medium run.project
sub test,routes,about,stats,notes,zeitwerk:check,version low test
sub server,s,generate,g,destroy,d,new,assets:precompile medium
sub console,c,runner,r high run.code runs code
sub db:*,dbconsole,db critical sql.schema changes a database
sub credentials:*,secrets:*,encrypted:* critical secrets.rotate shows or changes secrets
tool gem
default high install.code
sub list,search,info,which,environment,contents,dependency,specification read
sub push,yank,owner,signin critical deploy.release changes what others get
sub build medium
sub uninstall medium
tool composer
default high install.code
sub show,validate,outdated,depends,why,check-platform-reqs,licenses,diagnose,audit read
sub test,lint,phpstan,phpunit,check low test
sub run-script,run,exec =target low
sub dump-autoload,dumpautoload,remove medium
tool phpunit pest codecept
default low test
flag -c,--configuration,--filter,--bootstrap,--group =value
tool artisan
default medium
sub test,list,route:list low test
sub migrate*,db:* critical sql.schema changes a database
sub tinker high run.code
tool mix
default medium build
sub test,format+--check-formatted,credo,dialyzer,compile+--warnings-as-errors,help,hex.outdated,xref low test
sub format,compile,docs,clean,phx.server medium
sub deps.get,deps.update,deps.compile,local.hex,local.rebar,archive.install,escript.install high install.code installs code
sub ecto.*,ecto+* critical sql.schema changes a database
sub hex.publish,release critical deploy.release
sub run,eval,do high run.code
flag -e,--eval =value high run.code
tool rebar3 stack cabal opam nimble shards dub vcpkg conan pod carthage fastlane flutter swift-build xcodebuild pub
default medium build
sub test,check,ct,eunit,dialyzer,analyze,doctor,info,list,show low test
sub build,compile,clean,run,doc,fmt,format medium build
sub install,update,add,get,upgrade,pub+get,pub+add high install.code installs code
sub publish,upload,push,deliver,pilot,hex,pub+publish,release,beta,deploy,match,cert,sigh critical deploy.release publishes
tool bazel bazelisk buck buck2 pants please
default medium build
flag --config,--jobs =value
flag --run_under,--script_path =code high run.code
sub test,query,cquery,aquery,info,version,help,lint,check,list,dependencies low test
sub build,run,clean,fmt,coverage medium build
sub fetch,sync,mod high install.code
sub publish critical deploy.release
tool javap jar jdeps jps jstack jcmd jlink jpackage keytool
default medium
flag -tf,-list lowers
args read
