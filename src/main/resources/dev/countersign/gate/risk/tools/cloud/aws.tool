# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool aws awslocal
default critical infra.apply changes an account
flag --profile,--region,--output,--query,--endpoint-url,--cli-input-json,--no-cli-pager =value
sub sts+get-caller-identity,iam+list-*,iam+get-*,kms+list-*,kms+describe-*,secretsmanager+list-secrets,secretsmanager+describe-secret,organizations+list-*,organizations+describe-* high infra.read asks an account
sub iam+*,sts+*,secretsmanager+*,ssm+get-parameter*,kms+*,sso+*,cognito-idp+*,organizations+*,ecr+get-login-password,ecr-public+*,acm+*,codeartifact+* critical iam.change shows or changes rights and secrets
sub configure,configure+* critical secrets.rotate handles credentials
sub s3+ls,*+describe-*,*+list-*,*+get-*,*+head-*,logs+tail,*+wait,logs+filter-log-events high infra.read asks an account
sub help read
flag --version lowers
special cloud
