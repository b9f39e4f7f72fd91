# fuser(1)
tool fuser
default read
flag -k,--kill medium process.kill ends processes
flag -n,-s =value
