# bump-my-version, commitizen, copier, dvc, scrapy, papermill, aerich: each one's documentation
tool bump2version bumpversion bump-my-version
default medium write changes versions
flag --dry-run,-n,--list lowers
sub show,show-bump low
tool cz commitizen
default medium git.commit commits or changes versions
sub check,info,schema,example,ls,version low test
tool copier cookiecutter cruft
default high run.code gets a template from elsewhere and runs its hooks
sub check,diff low test
tool pip-compile
default high install.code resolves and writes what will be installed
tool pip-sync
default high install.code installs code
tool papermill nbconvert dramatiq rq huey mlflow gradio
default medium run.project
sub info,ls,list low
sub deployments,models+build-docker critical deploy.release deploys
tool scrapy
default high net.request asks the network
sub list,version,check,settings low test
sub genspider,startproject medium write
tool dvc
default medium build
sub status,diff,dag,list,version,params+diff,metrics+show,metrics+diff,plots+show low test
sub pull,fetch,get,import,import-url,update high net.request gets data
sub push critical net.send sends data out of the VM
sub remote,config high infra.config changes where data goes
sub destroy,gc high delete.many removes what it keeps
tool hf huggingface-cli kaggle
default high net.request gets data or models
sub upload,login,repo,delete-cache,lfs-enable-largefiles,upload-large-folder critical net.send sends data out of the VM
sub whoami,env,version,scan-cache medium
tool aerich
default critical sql.schema changes a database
sub heads,history medium sql.read
flag --help lowers
