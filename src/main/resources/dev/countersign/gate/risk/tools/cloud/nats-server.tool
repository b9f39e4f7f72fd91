# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool nats-server redis-server postgres mysqld mongod memcached
default medium run.project starts a service
