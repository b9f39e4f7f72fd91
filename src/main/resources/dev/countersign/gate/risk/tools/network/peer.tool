# nc(1) socat(1) telnet(1) websocat(1): bytes to anybody, or to a service in the VM
tool nc ncat netcat socat telnet websocat wscat grpcurl
default critical net.send can send anything to anybody
flag -e,-c,--exec,--sh-exec critical net.send gives a connection a shell
flag -l,--listen,-k critical net.send waits for connections
flag -w,-i,-q,-p,-s,-x,-X,-d,-H,-import-path,-proto =value
special peer
