# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool ip ifconfig route arp bridge iw nmcli
default read
sub addr+add,addr+del,link+set,link+add,link+del,route+add,route+del,route+replace,rule+add,neigh+add,tunnel+add,netns+add,netns+exec,a+add,r+add,l+set,addr+flush,route+flush critical sandbox.network changes the network
flag -a,-s,-4,-6,-br,-j,-c low
# resolvectl(1)
tool resolvectl systemd-resolve
default read
sub dns,domain,default-route,llmnr,mdns,dnssec,dnsovertls,nta,revert critical sandbox.network changes how names are resolved
sub flush-caches,reset-statistics,reset-server-features,monitor,log-level medium
