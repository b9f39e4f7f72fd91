# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool ping ping6 traceroute tracepath mtr nslookup dig host drill whois nmap masscan arping hping3 fping iperf iperf3
default high net.request connects to other machines
flag -c,-p,-t,-w,-i,-s,-f,-o =value
special lookup
