# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool iptables ip6tables nft ufw firewall-cmd tc ipset ebtables
default critical sandbox.network changes what the network lets through
flag -L,-S,--list,--list-rules,--state,--get-default-zone,--get-active-zones,--get-zones,--list-all,--list-ports,--list-services lowers
sub list,status,show,monitor,qdisc+show,class+show,filter+show read
