# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool helm
default critical infra.apply changes a cluster
flag --post-renderer,--post-renderer-args =value high run.code runs a program on what it made
sub lint,unittest,template,version,verify,help,completion low test
sub show medium
sub list,ls,status,get,history,search,env high infra.read asks a cluster
sub dependency,dep,repo,pull,plugin high install.code gets code
sub package,create medium
