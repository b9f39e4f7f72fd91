# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool curl
default read
flag -d,--data,--data-raw,--data-binary,--data-urlencode,--data-ascii,--json,-F,--form,--form-string,-T,--upload-file,--mail-from,--mail-rcpt,-Q,--quote =value medium http.send sends data
flag -u,--user,--oauth2-bearer,--proxy-user,-U,-E,--cert,--key,--aws-sigv4,-b,--cookie =value medium http.send sends credentials
flag -n,--netrc,--netrc-file,--netrc-optional,--negotiate,--ntlm,--delegation medium http.send sends credentials
flag -K,--config =read high run.unknown reads its options from a file
flag -k,--insecure high net.unverified does not check who answers
flag -x,--proxy,--preproxy,--socks5,--socks4,--socks4a,--socks5-hostname,--connect-to,--resolve,--doh-url,--unix-socket,--abstract-unix-socket,--interface,--dns-servers =value critical net.send goes another way than the address says
flag -o,--output,-D,--dump-header,-c,--cookie-jar,--trace,--trace-ascii,--stderr,--etag-save,--hsts,--libcurl =write
flag --output-dir =write
flag -O,--remote-name,--remote-name-all,-J,--remote-header-name medium write saves what it gets
flag -X,--request,-H,--header,-A,--user-agent,-e,--referer,-m,--max-time,--connect-timeout,--retry,--retry-delay,--retry-max-time,-w,--write-out,-r,--range,--limit-rate,-z,--time-cond,-y,-Y,-C,--continue-at,--cacert,--capath,--ciphers,--url,--proto,--proto-redir,--max-redirs,--noproxy,-t,--variable =value
special curl
