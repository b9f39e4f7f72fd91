# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool kind minikube k3d k3s microk8s
default high sandbox.change works with a local cluster
