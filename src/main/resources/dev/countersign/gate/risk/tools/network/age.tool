# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool age rage sops pass gopass bw lpass secret-tool security keyring vault credstash berglas keychain ksops kubeseal git-crypt blackbox
default critical secrets.read reads or changes secrets
