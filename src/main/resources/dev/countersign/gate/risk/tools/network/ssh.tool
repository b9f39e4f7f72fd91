# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool ssh mosh autossh slogin
default critical net.send works on another machine
flag -o,-F,-E,-S,-W,-L,-R,-D,-J,-i,-p,-l,-b,-c,-m,-e,-I,-O,-Q,-w,-B =value
wraps 1
special ssh
