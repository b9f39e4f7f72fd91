# javap(1) jdeps(1) jps(1) jstack(1) jcmd(1)
tool javap jdeps jps jstack jinfo jstat
default read
flag -cp,-classpath,-p,--module-path =value
