# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool kustomize kubeval kubeconform kube-linter helm-docs
default low test
sub edit medium write.infrastructure changes files
sub build,version low
