# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool java
default medium run.project runs a Java program
flag -cp,-classpath,--class-path,-p,--module-path,--add-modules,--add-opens,--add-exports =value
flag -jar =script
flag -javaagent,-agentlib,-agentpath,-Xrun high run.code loads an agent
single
