# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool aria2c axel lynx links w3m elinks
default high net.request connects to another machine
flag -d,-o,-f,-a,-u,-p,-s,-A,-post_data =value
flag -post_data critical net.send sends data
args url
