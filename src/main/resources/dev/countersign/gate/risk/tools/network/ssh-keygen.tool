# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool ssh-keygen
default high secrets.key makes or changes keys
flag -l,-F,-H read
flag -f,-t,-b,-C,-N,-P,-m,-I,-n,-s,-V,-O,-Y =value
