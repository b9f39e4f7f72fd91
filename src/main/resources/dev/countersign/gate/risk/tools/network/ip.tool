# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool ip ifconfig route arp bridge iw nmcli resolvectl
default read
sub addr+add,addr+del,link+set,link+add,link+del,route+add,route+del,route+replace,rule+add,neigh+add,tunnel+add,netns+add,netns+exec,a+add,r+add,l+set,addr+flush,route+flush critical sandbox.network changes the network
flag -a,-s,-4,-6,-br,-j,-c low
