# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool pg_dump pg_dumpall mysqldump mongodump mongoexport
default high sql.read copies out what a database holds
flag -f,--file,-o,--out,--result-file =write
flag -h,-U,-d,-p,-u,-P,--host,--username,--dbname =value
