# htpasswd(1)
tool htpasswd htdigest
default critical secrets.rotate makes or changes passwords
