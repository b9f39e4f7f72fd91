# ab(1) wrk hey siege k6 locust: many requests
tool ab wrk hey siege k6 oha vegeta bombardier autocannon locust artillery drill-http
default high net.request connects to other machines
flag -n,-c,-t,-d,-r,-k,-T,-p,-H,-m,-z,-q,-s,--timeout =value
special peer-load
