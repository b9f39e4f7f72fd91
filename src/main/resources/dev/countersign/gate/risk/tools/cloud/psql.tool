# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool psql mysql mariadb mycli pgcli usql sqlcmd sqlplus mongo mongosh redis-cli cqlsh clickhouse-client influx cockroach neo4j cypher-shell isql osql valkey-cli
default high sql.read connects to a database
flag -c,--command,-e,--execute,--eval,-Q,-q,--query =value
flag -f,--file =script
flag -h,--host,-H,-S =value
flag -U,--username,-u,--user,-d,--dbname,--database,-p,--port,-P,-n,-v,--set,-F,-t,-A,-o,--output,-D =value
special sql
