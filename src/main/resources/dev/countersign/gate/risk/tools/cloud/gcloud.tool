# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool gcloud bq az gsutil-cp
default critical infra.apply changes an account
flag --project,--region,--zone,--format,--subscription,-g,--resource-group,-o,--output,--query,--filter =value
sub projects+list,projects+describe,projects+get-ancestors,organizations+list,organizations+describe,iam+list,iam+roles,auth+list,auth+describe high infra.read asks an account
sub iam+*,auth+*,secrets+*,kms+*,ad+*,role+*,keyvault+*,login,account+get-access-token,projects+*,organizations+* critical iam.change shows or changes rights and secrets
sub version,info,help,components+list medium
sub *+list,*+describe,*+show,account+show,config+list,ls,show high infra.read asks an account
special cloud
