# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool wget wget2
default read
flag --post-data,--post-file,--body-data,--body-file =value medium http.send sends data
flag --method =value
flag --user,--password,--http-user,--http-password,--ftp-user,--ftp-password,--load-cookies,--certificate,--private-key =value medium http.send sends credentials
flag -i,--input-file =read high run.unknown takes addresses from a file
flag -e,--execute =value high run.unknown sets anything
flag --use-askpass =code high run.code runs a program
flag --config =read high run.unknown reads its options from a file
flag --no-check-certificate high net.unverified does not check who answers
flag -O,--output-document,-o,--output-file,-a,--append-output,--save-cookies,--warc-file =write
flag -P,--directory-prefix =write
flag -r,--recursive,-m,--mirror high net.request gets a whole site
flag -t,--tries,-T,--timeout,-U,--user-agent,--header,--referer,-w,--wait,-Q,-l,--level,-A,-R,-D,-I,-X,-B,--limit-rate,--dns-timeout,--connect-timeout,--read-timeout,-nc =value
special curl
