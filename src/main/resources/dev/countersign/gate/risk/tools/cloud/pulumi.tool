# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool pulumi cdk cdktf sam serverless sls sst copilot-cli eb amplify chalice zappa up nomad consul boundary waypoint vercel netlify wrangler firebase fly flyctl heroku railway render surge now doctl linode-cli hcloud scw ibmcloud oci aliyun cf eas supabase planetscale pscale turso neon neonctl shopify
default critical infra.apply changes machines, accounts or what is deployed
flag -s,--stack,-a,--app,-e,--env =value
sub version,help,--version,validate,lint,fmt,doctor low test
sub apps+destroy,apps+create,apps+restart,apps+move,ps:scale,ps:restart,logs:drain critical infra.apply changes machines, accounts or what is deployed
sub build,synth,synthesize,dev,init,serve,new,emulators:*,local,types,offline,completion,open,docs medium build
sub preview,plan,diff,stack+ls,stack+output,stack+graph,logs:tail,apps:info,tail,list,ls,status,logs,info,whoami,ps,inspect,apps+list,apps+info,apps high infra.read asks a service
