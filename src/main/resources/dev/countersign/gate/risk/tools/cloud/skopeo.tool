# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool skopeo crane oras cosign syft grype trivy dive regctl
default high net.request works with images
sub copy,push,sign,attest,delete,tag,login critical deploy.release publishes images
sub image,fs,config,--version medium
