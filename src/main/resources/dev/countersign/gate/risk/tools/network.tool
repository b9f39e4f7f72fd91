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
tool http https httpie xh aria2c axel lynx links w3m elinks
default high net.request connects to another machine
flag -d,-o,-f,-a,-u,-p,-s,-A,-post_data =value
flag -post_data critical net.send sends data
args url
tool ssh mosh autossh slogin
default critical net.send works on another machine
flag -o,-F,-E,-S,-W,-L,-R,-D,-J,-i,-p,-l,-b,-c,-m,-e,-I,-O,-Q,-w,-B =value
wraps 1
special ssh
tool scp sftp
default critical net.send copies files to or from another machine
flag -i,-o,-F,-P,-S,-c,-J,-l,-b,-B,-D,-R,-s =value
special copy-remote
tool ssh-keygen
default high secrets.key makes or changes keys
flag -l,-F,-H read
flag -f,-t,-b,-C,-N,-P,-m,-I,-n,-s,-V,-O,-Y =value
tool ssh-add ssh-agent ssh-copy-id
default critical secrets.key gives out or adds keys
tool ssh-keyscan
default high net.request connects to another machine
tool nc ncat netcat socat telnet ftp tftp lftp ncftp rsh rlogin rexec cryptcat dnscat iodine chisel ngrok cloudflared tailscale zerotier-cli localtunnel lt bore frpc sshuttle openvpn wg wg-quick stunnel websocat wscat mail mailx sendmail mutt swaks msmtp smbclient rclone s3cmd s5cmd gsutil mc croc magic-wormhole wormhole transfer ffsend onionshare git-annex syncthing irssi weechat telegram-cli slack-cli twilio
default critical net.send can send anything to anybody
tool ping ping6 traceroute tracepath mtr nslookup dig host drill whois nmap masscan arping hping3 fping iperf iperf3 ab wrk hey siege
default high net.request connects to other machines
flag -c,-p,-t,-w,-i,-s,-f,-o =value
special lookup
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
tool gpg gpg2
default high secrets.key uses keys
flag --verify,--list-keys,-k,--print-md lowers
flag --export-secret-keys,--export-secret-subkeys,-K,--list-secret-keys,--gen-key,--full-generate-key,--quick-generate-key,--delete-secret-keys critical secrets.key makes, shows or removes secret keys
flag --recv-keys,--send-keys,--refresh-keys,--keyserver critical net.send talks to a key server
flag -o,--output =write
flag --passphrase,--passphrase-file =secret
special decode-d
tool age rage sops pass gopass op bw lpass secret-tool security keyring vault doppler infisical chamber aws-vault credstash berglas keychain ksops kubeseal git-crypt blackbox
default critical secrets.read reads or changes secrets
tool ip ifconfig route arp bridge iw nmcli resolvectl
default read
sub addr+add,addr+del,link+set,link+add,link+del,route+add,route+del,route+replace,rule+add,neigh+add,tunnel+add,netns+add,netns+exec,a+add,r+add,l+set,addr+flush,route+flush critical sandbox.network changes the network
flag -a,-s,-4,-6,-br,-j,-c low
tool netstat ss
default read
tool iptables ip6tables nft ufw firewall-cmd tc ipset ebtables
default critical sandbox.network changes what the network lets through
flag -L,-S,--list lowers
tool tcpdump tshark wireshark dumpcap ngrep
default high net.listen listens to other programs' traffic
flag -w =write
flag -z =code high run.code runs a program
flag -i,-r,-c,-s =value
tool python-http-server http-server serve live-server webpack-dev-server caddy nginx apache2 httpd
default high net.listen serves files or programs
