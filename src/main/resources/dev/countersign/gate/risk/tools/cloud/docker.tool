# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool docker podman nerdctl buildah
default high container.run
flag -H,--host =host critical net.send works on another machine
flag --context,-c,--config,-l,--log-level =value
sub ps,images,version,info,inspect,logs,stats,top,port,history,diff,events,search,image+ls,image+inspect,container+ls,container+inspect,container+logs,volume+ls,volume+inspect,network+ls,network+inspect,system+df,system+info,context+ls,context+show,manifest+inspect,buildx+inspect,buildx+du,scout+version,compose+top,compose+port,compose+events,container+stats,container+top,volume+list,network+list,image+history,builder+du,compose+ps,compose+logs,compose+config,compose+images,compose+ls,compose+version,buildx+ls read
flag -f,--format,--filter,-n,--tail,--since =value
sub build,buildx+build,buildx+bake,image+build,compose+build,bud high container.build runs what a Dockerfile says
flag --secret,--ssh =value critical secrets.read gives secrets to a build
flag --push critical deploy.release publishes an image
flag -t,--tag,-f,--file,--build-arg,--target,--platform,--label,-o,--output,--cache-from,--cache-to,--network,-p,--project-name =value
sub run,container+run,create high container.run runs an image
flag --privileged critical container.host gives a container the machine
flag --cap-add,--device,--security-opt =value critical container.host gives a container the machine
flag -v,--volume,--mount,--net,--network,--pid,--ipc,--userns,--uts,-e,--env,--env-file,--name,-p,--publish,-w,--workdir,-u,--user,--entrypoint,-l,--label,--add-host,--memory,-m,--cpus,--platform,-h,--hostname,--restart,--volumes-from,--link,--log-driver,--shm-size,--ulimit,--tmpfs,--gpus,--pull,--dns =value
sub exec,container+exec,compose+exec medium container.run runs a command in a container
flag -e,--env,-u,--user,-w,--workdir,--env-file,-f,--file,-p,--project-name,--index,--detach-keys =value
flag --privileged critical container.host gives a container the machine
sub compose+run high container.run runs a command in a new container
flag -e,--env,-u,--user,-w,--workdir,--env-file,-f,--file,-p,--project-name,--name,-v,--volume,--entrypoint,-l,--label,--publish =value
sub stack+deploy critical infra.apply deploys to a cluster
sub compose,compose+up,compose+down,compose+start,compose+stop,compose+restart,compose+pull,compose+rm,compose+create,compose+kill,start,stop,restart,kill,pause,unpause,wait,attach,cp,rename,update,tag,pull,import,load,save,export,commit,network+*,volume+create,image+*,container+*,buildx+*,builder+*,plugin+*,context+*,compose+* high container.run changes containers or images
flag -f,--file,-p,--project-name,--env-file,--profile,-t,--timeout,-s,--signal,-o,--output,-i,--input =value
sub rm,rmi,prune,system+prune,image+prune,container+prune,volume+prune,volume+rm,image+rm,container+rm,network+rm,builder+prune high delete.many removes containers, images or volumes
sub push,login,logout,manifest+push,trust+*,image+push,compose+push critical deploy.release publishes images or handles credentials
sub swarm+*,service+*,node+*,secret+*,config+*,stack+* critical infra.apply changes a cluster
special docker
