# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool scp sftp
default critical net.send copies files to or from another machine
flag -i,-o,-F,-P,-S,-c,-J,-l,-b,-B,-D,-R,-s =value
special copy-remote
