# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool pip pip3 pipx-pip
default high
flag -r,--requirement,-c,--constraint =read
flag -i,--index-url,--extra-index-url,-f,--find-links =url high install.source takes code from elsewhere
flag --trusted-host =host high install.source does not check who answers
flag -t,--target,--prefix,--root,--src =write
flag -e,--editable =value
flag --python,--proxy,--timeout,--log,--cache-dir,--progress-bar =value
sub list,show,freeze,check,help,debug,inspect,cache,hash,config+list,config+get,index read
sub install,download,wheel high install.code installs code and runs its setup
sub uninstall medium
sub config high install.source changes where code comes from
tool pipx uvx
default high install.code gets and runs a program
sub list,environment read
tool pytest py.test nose2 nosetests unittest doctest python-unittest ward behave robot
default low test
flag -c,--rootdir,-p,-k,-m,-n,-o,--maxfail,--tb,--durations,--cov,--cov-report,--ignore,-W,--junitxml,--basetemp,--timeout,-r =value
flag --junitxml,--basetemp =write
tool tox nox
default low test
flag -e,-s,--session,-c,-f,--file =value
flag -e,-s,--session =target
tool mypy pyright pytype flake8 pylint pyflakes pycodestyle pydocstyle bandit vulture mccabe radon safety pip-audit codespell yamllint djlint interrogate ty sqlfluff doc8 rstcheck
default low test
flag --fix medium write changes files
flag -c,--config,--config-file,-f,--format,-p,-m,--select,--ignore,--max-line-length,--python-version =value
flag --init-hook,--load-plugins =value high run.code runs code from its arguments
flag --install-types high install.code
tool ruff
default low test
sub check low test
flag --fix,--fix-only,--unsafe-fixes medium write changes files
flag --config,--select,--ignore =value
sub format medium write changes files
flag --check,--diff lowers
sub rule,version,config,linter,clean low
tool black isort autopep8 yapf autoflake pyupgrade docformatter
default medium write changes files
flag --check,--diff,-c,--check-only lowers
flag -l,--line-length,-t,--target-version,--config,--profile =value
tool coverage
default low test
sub run =script low test
sub report,html,xml,json,combine,erase low
tool poetry pipenv pdm hatch rye uv
default high
flag -C,--directory,-P,--project,--group,--extra,--python,-p =value
sub show,check,env,version,about,--version,search,graph,list,lock+--check,tree,python+list,config+--list,config read
sub run,exec low
flag --with,--with-requirements,--from =value high install.code installs code
sub test low
sub install,add,update,upgrade,lock,sync,self,plugin,python,tool,pip,venv high install.code installs code
sub pip+list,pip+show,pip+freeze,pip+check,pip+tree read
sub remove,uninstall,clean,build,new,init,shell,format medium
sub fmt medium write
sub publish critical deploy.release publishes a package
special sub-run
tool conda mamba micromamba
default high
sub list,info,search,env+list,config+--show,compare read
sub install,update,upgrade,create,env+create,env+update,run,init high install.code installs code
sub remove,uninstall,clean,env+remove medium
sub activate,deactivate low
tool virtualenv venv py-compile
default medium build makes files
args write
tool python-json-tool
default read
args read
tool manage.py django-admin
default medium run.project
sub test,check,showmigrations,diffsettings,help,version,findstatic low test
sub runserver,collectstatic,compilemessages,makemessages,startapp,startproject,createcachetable,sendtestemail,inspectdb medium
sub migrate,makemigrations,sqlmigrate,flush,loaddata,squashmigrations,sqlflush,dbshell,reset_db,sqlsequencereset critical sql.schema changes a database
sub createsuperuser,changepassword,drf_create_token critical secrets.rotate changes who may do what
sub shell,shell_plus,runscript high run.code runs code
sub dumpdata high sql.read shows what a database holds
sub deploy critical deploy.release
flag -c,--command =value
tool setup.py
default medium build
sub build,sdist,bdist_wheel,clean,egg_info medium build
sub test,check,--version low test
sub install,develop,easy_install high install.code installs code
sub upload,register critical deploy.release publishes a package
tool twine flit
default critical deploy.release publishes a package
sub check,build low
tool celery gunicorn uvicorn hypercorn flask daphne waitress-serve streamlit jupyter
default medium run.project starts a service
flag -b,--bind,-p,--port,-h,--host,-w,--workers,-A,--app,--log-level =value
sub db,db+* critical sql.schema changes a database
sub shell high run.code
sub run medium run.project
sub nbconvert medium
sub test,routes,status low
tool pre-commit
default medium run.project runs the repository's checks
sub run low test
sub install,autoupdate,uninstall,install-hooks high install.code changes what runs on each commit
sub validate-config,sample-config read
tool ansible ansible-playbook ansible-vault ansible-galaxy ansible-pull
default critical infra.apply changes other machines
flag --syntax-check,--list-tasks,--list-hosts lowers
