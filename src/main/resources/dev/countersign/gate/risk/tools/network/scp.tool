# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool scp sftp
default critical net.send copies files to or from another machine
flag -S =code high run.code runs a program in place of ssh
flag -i,-o,-F,-P,-c,-J,-l,-b,-B,-D,-R,-s =value
special copy-remote
