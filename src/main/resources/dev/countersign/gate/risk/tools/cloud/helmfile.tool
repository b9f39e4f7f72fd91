# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool helmfile skaffold tilt flux argocd argo istioctl linkerd velero kops eksctl kubeadm crictl ctr nerdctl-push
default critical infra.apply changes a cluster
sub version,lint,diff,template,list high
