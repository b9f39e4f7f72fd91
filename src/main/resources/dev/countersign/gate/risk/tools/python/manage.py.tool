# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool manage.py django-admin
default medium run.project
sub test,check,showmigrations,diffsettings,help,version,findstatic low test
sub runserver,collectstatic,compilemessages,makemessages,startapp,startproject,createcachetable,sendtestemail,inspectdb medium
sub sqlmigrate,sqlflush,migrate+--plan medium sql.read shows statements
sub migrate,makemigrations,flush,loaddata,squashmigrations,dbshell,reset_db,sqlsequencereset critical sql.schema changes a database
sub createsuperuser,changepassword,drf_create_token critical secrets.rotate changes who may do what
sub shell,shell_plus,runscript high run.code runs code
sub dumpdata high sql.read shows what a database holds
sub deploy critical deploy.release
flag -c,--command =value
