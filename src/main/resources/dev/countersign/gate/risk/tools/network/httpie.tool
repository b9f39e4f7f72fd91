# httpie, xh: METHOD URL ITEMS
tool http https httpie xh xhs curlie
default high net.request connects to another machine
flag -o,--output,-d,--download =write
flag -a,--auth,-A,--auth-type,--timeout,-s,--style,-p,--print,--session =value
special httpie
