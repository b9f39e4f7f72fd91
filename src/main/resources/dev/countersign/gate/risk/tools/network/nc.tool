# curl(1) wget(1) ssh(1) scp(1) nc(1) socat(1) dig(1) openssl(1) gpg(1) ftp(1)
tool ftp tftp lftp ncftp rsh rlogin rexec cryptcat dnscat iodine chisel ngrok cloudflared tailscale zerotier-cli localtunnel lt bore frpc sshuttle openvpn wg wg-quick stunnel mail mailx sendmail mutt swaks msmtp smbclient rclone s3cmd s5cmd gsutil mc croc magic-wormhole wormhole transfer ffsend onionshare git-annex syncthing irssi weechat telegram-cli slack-cli twilio
default critical net.send can send anything to anybody
