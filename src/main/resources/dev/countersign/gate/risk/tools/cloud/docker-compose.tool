# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool docker-compose podman-compose
default high container.run
flag -f,--file,-p,--project-name,--env-file,--profile =value
sub ps,logs,config,images,ls,version,top,port read
sub push critical deploy.release
