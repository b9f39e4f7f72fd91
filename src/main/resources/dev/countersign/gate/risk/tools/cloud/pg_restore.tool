# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool pg_restore mysqlimport mongorestore mongoimport createdb dropdb createuser dropuser pg_upgrade
default critical sql.schema changes a database
