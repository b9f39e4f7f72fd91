# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool mvn mvnw mvnd
default medium build
flag -s,--settings,-gs,--global-settings,-t,--toolchains =read high install.source uses other settings
flag -f,--file =read
flag -Dexec.executable,-Dexec.args high run.code
flag -Dmaven.ext.class.path,-javaagent high run.code loads code by an option
flag -pl,--projects,-P,--activate-profiles,-rf,--resume-from,-T,--threads,-l,--log-file,-b,-gt =value
flag -v,--version low
args target
sub exec:exec,antrun:run,groovy:execute high run.code runs a program
sub exec:java,jetty:run,spring-boot:run,quarkus:dev,liberty:dev,liberty:run,tomcat7:run,wildfly:run,mn:run,javafx:run medium run.project runs the project
sub versions:display-*,dependency:list-repositories medium net.registry asks the package server for facts
sub dependency:resolve*,dependency:go-offline,dependency:sources high install.code gets code
sub install,site,*:apply,*:format,license:*,clean,versions:help medium build
sub deploy,release:*,site:deploy,site-deploy,nexus-staging:*,deploy:*,jib:build,docker:push,dockerfile:push =target critical deploy.release publishes or deploys
sub flyway:*,liquibase:* critical sql.schema changes a database
sub install:install-file,wrapper:wrapper,versions:*,dependency:get,dependency:copy,archetype:generate high install.code changes what is installed or used
sub help:*,dependency:tree,dependency:list,dependency:analyze*,surefire:test,failsafe:*,checkstyle:*,spotbugs:*,pmd:*,spotless:check,*:check,enforcer:*,validate =target low
single
