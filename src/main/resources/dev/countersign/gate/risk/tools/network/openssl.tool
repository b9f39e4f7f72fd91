# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool openssl
default medium
sub version,list,help,speed,prime,asn1parse,x509,crl,verify,ciphers,errstr read
sub dgst,sha256,sha1,md5,passwd,rand low
sub s_client,s_server,s_time,ocsp critical net.send opens a connection
sub enc,aes-256-cbc,base64,rsautl,pkeyutl,cms,smime,des3,bf medium crypto.change packs or unpacks secret text
flag -d low
sub genrsa,genpkey,req,ca,rsa,ec,ecparam,pkcs12,pkcs8,pkey,dsa,gendsa critical secrets.key makes or shows keys
flag -in,-out,-k,-pass,-passin,-K,-iv,-e =value
single
special decode-d
