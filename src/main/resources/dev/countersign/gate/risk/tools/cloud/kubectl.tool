# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool kubectl oc k kubectx kubens k9s
default critical infra.apply changes a cluster
flag -n,--namespace,--context,--cluster,--kubeconfig,-o,--output,-l,--selector,--user,--as,--field-selector,-f,--filename,-c,--container =value
sub get+secret*,describe+secret* critical secrets.read shows secrets
sub get,describe,logs,top,api-resources,api-versions,cluster-info,diff,events,auth+can-i,rollout+status,rollout+history,wait high infra.read asks a cluster
sub config+view critical secrets.read shows credentials
sub config+current-context,config+get-contexts,config+get-clusters medium
sub kustomize,explain,completion,help medium
sub version medium infra.read
flag --client lowers
sub config+use-context,config+set-context,config+use high infra.context changes which cluster is worked on
sub krew+list,plugin+list low
