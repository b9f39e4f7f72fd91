# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool ssh-add ssh-copy-id
default critical secrets.key gives out or adds keys
