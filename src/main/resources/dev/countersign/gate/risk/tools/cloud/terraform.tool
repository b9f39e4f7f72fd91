# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool terraform tofu terragrunt
default critical infra.apply changes machines or accounts
flag -chdir =cd
flag -var,-var-file,-out,-target,-backend-config,-state,-lock =value
sub fmt medium write
flag -check,-diff lowers
sub validate,version,fmt+-check low test
sub providers,graph,get,metadata medium
sub init high install.code gets and runs providers
sub plan,output,show,state+list,state+show,console,workspace+list,workspace+show,test,refresh high infra.read runs providers and reads the state
sub apply,destroy,import,taint,untaint,force-unlock,state+rm,state+mv,state+push,state+replace-provider,workspace+delete,workspace+new,login,run,run-all,apply-all critical infra.apply changes machines or accounts
single
