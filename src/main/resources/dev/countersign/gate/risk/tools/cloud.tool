# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool kubectl oc k kubectx kubens k9s
default critical infra.apply changes a cluster
flag -n,--namespace,--context,--cluster,--kubeconfig,-o,--output,-l,--selector,--user,--as,--field-selector,-f,--filename,-c,--container =value
sub get+secret*,describe+secret* critical secrets.read shows secrets
sub get,describe,logs,top,api-resources,api-versions,cluster-info,diff,events,auth+can-i,rollout+status,rollout+history,wait high infra.read asks a cluster
sub config+view critical secrets.read shows credentials
sub config+current-context,config+get-contexts,config+get-clusters medium
sub version,explain,completion,kustomize,help medium
tool helm
default critical infra.apply changes a cluster
sub lint,template,show,version,verify,help medium
sub list,ls,status,get,history,search,env high infra.read asks a cluster
sub dependency,dep,repo,pull,plugin high install.code gets code
sub package,create medium
tool kustomize kubeval kubeconform kube-linter helm-docs
default medium
tool kind minikube k3d k3s microk8s
default high sandbox.change works with a local cluster
tool helmfile skaffold tilt flux argocd argo istioctl linkerd velero kops eksctl kubeadm crictl ctr nerdctl-push
default critical infra.apply changes a cluster
sub version,lint,diff,template,list high
tool terraform tofu terragrunt
default critical infra.apply changes machines or accounts
flag -chdir =cd
flag -var,-var-file,-out,-target,-backend-config,-state,-lock =value
sub fmt medium write
flag -check,-diff lowers
sub validate,version,providers,graph,get medium
sub init high install.code gets and runs providers
sub plan,output,show,state+list,state+show,console,workspace+list,workspace+show,test,refresh high infra.read runs providers and reads the state
sub apply,destroy,import,taint,untaint,force-unlock,state+rm,state+mv,state+push,state+replace-provider,workspace+delete,workspace+new,login,run,run-all,apply-all critical infra.apply changes machines or accounts
single
tool pulumi cdk cdktf sam serverless sls sst copilot-cli eb amplify chalice zappa up packer nomad consul boundary waypoint vercel netlify wrangler firebase fly flyctl heroku railway render surge now doctl linode-cli hcloud scw ibmcloud oci aliyun cf eas supabase planetscale pscale turso neon neonctl stripe shopify
default critical infra.apply changes machines, accounts or what is deployed
flag -s,--stack,-a,--app,-e,--env =value
sub version,help,validate,lint,build,synth,synthesize,--version,dev,init medium
sub preview,plan,diff,list,ls,status,logs,info,whoami,ps,inspect,apps high infra.read asks a service
tool aws awslocal
default critical infra.apply changes an account
flag --profile,--region,--output,--query,--endpoint-url,--cli-input-json,--no-cli-pager =value
sub iam+*,sts+*,secretsmanager+*,ssm+get-parameter*,kms+*,sso+*,cognito-idp+*,organizations+*,ecr+get-login-password,ecr-public+*,acm+*,codeartifact+* critical iam.change shows or changes rights and secrets
sub configure,configure+* critical secrets.rotate handles credentials
sub s3+ls,*+describe-*,*+list-*,*+get-*,*+head-*,logs+tail,*+wait,logs+filter-log-events high infra.read asks an account
sub help medium
tool gcloud bq az gsutil-cp
default critical infra.apply changes an account
flag --project,--region,--zone,--format,--subscription,-g,--resource-group,-o,--output,--query,--filter =value
sub iam+*,auth+*,secrets+*,kms+*,ad+*,role+*,keyvault+*,login,account+get-access-token,projects+*,organizations+* critical iam.change shows or changes rights and secrets
sub version,info,help,components+list medium
sub *+list,*+describe,*+show,account+show,config+list,ls,show high infra.read asks an account
tool docker podman nerdctl buildah
default high container.run
flag -H,--host =host critical net.send works on another machine
flag --context,-c,--config,-l,--log-level =value
sub ps,images,version,info,inspect,logs,stats,top,port,history,diff,events,search,image+ls,image+inspect,container+ls,container+inspect,container+logs,volume+ls,volume+inspect,network+ls,network+inspect,system+df,system+info,context+ls,compose+ps,compose+logs,compose+config,compose+images,compose+ls,compose+version,buildx+ls read
flag -f,--format,--filter,-n,--tail,--since =value
sub build,buildx+build,buildx+bake,image+build,compose+build,bud high container.build runs what a Dockerfile says
flag --secret,--ssh =value critical secrets.read gives secrets to a build
flag --push critical deploy.release publishes an image
flag -t,--tag,-f,--file,--build-arg,--target,--platform,--label,-o,--output,--cache-from,--cache-to,--network,-p,--project-name =value
sub run,container+run,create high container.run runs an image
flag --privileged critical container.host gives a container the machine
flag --cap-add,--device,--security-opt =value critical container.host gives a container the machine
flag -v,--volume,--mount,--net,--network,--pid,--ipc,--userns,--uts,-e,--env,--env-file,--name,-p,--publish,-w,--workdir,-u,--user,--entrypoint,-l,--label,--add-host,--memory,-m,--cpus,--platform,-h,--hostname,--restart,--volumes-from,--link,--log-driver,--shm-size,--ulimit,--tmpfs,--gpus,--pull,--dns =value
sub exec,container+exec,compose+exec,compose+run high container.run runs a command in a container
flag -e,--env,-u,--user,-w,--workdir,--env-file,-f,--file,-p,--project-name,--index =value
flag --privileged critical container.host gives a container the machine
sub compose,compose+up,compose+down,compose+start,compose+stop,compose+restart,compose+pull,compose+rm,compose+create,compose+kill,start,stop,restart,kill,pause,unpause,wait,attach,cp,rename,update,tag,pull,import,load,save,export,commit,network+*,volume+create,image+*,container+*,buildx+*,builder+*,plugin+*,stack+*,context+*,compose+* high container.run changes containers or images
flag -f,--file,-p,--project-name,--env-file,--profile,-t,--timeout,-s,--signal,-o,--output,-i,--input =value
sub rm,rmi,prune,system+prune,image+prune,container+prune,volume+prune,volume+rm,image+rm,container+rm,network+rm,builder+prune high delete.many removes containers, images or volumes
sub push,login,logout,manifest+push,trust+*,image+push,compose+push critical deploy.release publishes images or handles credentials
sub swarm+*,service+*,node+*,secret+*,config+*,stack+deploy critical infra.apply changes a cluster
special docker
tool docker-compose podman-compose
default high container.run
flag -f,--file,-p,--project-name,--env-file,--profile =value
sub ps,logs,config,images,ls,version,top,port read
sub push critical deploy.release
tool skopeo crane oras cosign syft grype trivy dive regctl
default high net.request works with images
sub copy,push,sign,attest,delete,tag,login critical deploy.release publishes images
sub image,fs,config,--version medium
tool psql mysql mariadb mycli pgcli usql sqlcmd sqlplus mongo mongosh redis-cli cqlsh clickhouse-client influx cockroach neo4j cypher-shell isql osql valkey-cli
default high sql.read connects to a database
flag -c,--command,-e,--execute,--eval,-Q,-q,--query =value
flag -f,--file =script
flag -h,--host,-H,-S =value
flag -U,--username,-u,--user,-d,--dbname,--database,-p,--port,-P,-n,-v,--set,-F,-t,-A,-o,--output,-D =value
special sql
tool pg_dump pg_dumpall mysqldump mongodump mongoexport
default high sql.read copies out what a database holds
flag -f,--file,-o,--out,--result-file =write
flag -h,-U,-d,-p,-u,-P,--host,--username,--dbname =value
tool pg_restore mysqlimport mongorestore mongoimport createdb dropdb createuser dropuser initdb pg_ctl mysqladmin pg_upgrade vacuumdb reindexdb
default critical sql.schema changes a database
tool kafka-topics kafka-topics.sh kafkacat kcat kafka-console-producer rabbitmqadmin rabbitmqctl nats mosquitto_pub aws-sqs
default critical net.send sends messages to other programs
tool nats-server redis-server postgres mysqld mongod memcached
default medium run.project starts a service
