# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool gpg gpg2
default high secrets.key uses keys
flag -d,--decrypt,--decrypt-files critical secrets.read shows what was encrypted
flag --verify,--list-keys,-k,--print-md lowers
flag --export-secret-keys,--export-secret-subkeys,-K,--list-secret-keys,--gen-key,--full-generate-key,--quick-generate-key,--delete-secret-keys critical secrets.key makes, shows or removes secret keys
flag --recv-keys,--send-keys,--refresh-keys,--keyserver critical net.send talks to a key server
flag -o,--output =write
flag --passphrase,--passphrase-file =secret
special decode-d
