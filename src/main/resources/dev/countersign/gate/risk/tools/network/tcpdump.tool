# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool tcpdump tshark wireshark dumpcap ngrep
default high net.listen listens to other programs' traffic
flag -w =write
flag -z =code high run.code runs a program
flag -i,-r,-c,-s =value
