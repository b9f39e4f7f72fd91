# Servers of files and programs, for a page under work
tool python-http-server http-server serve live-server webpack-dev-server caddy nginx apache2 httpd lighttpd mini_httpd
flag -t,-T,-v,-V lowers
default medium net.listen serves files or programs
flag -p,-l,--port,--bind,-b,-d,-c,-d,--directory =value
