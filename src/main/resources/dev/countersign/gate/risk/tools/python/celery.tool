# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool celery gunicorn uvicorn hypercorn flask daphne waitress-serve streamlit jupyter
default medium run.project starts a service
flag -b,--bind,-p,--port,-h,--host,-w,--workers,-A,--app,--log-level =value
sub db,db+* critical sql.schema changes a database
sub shell high run.code
sub run medium run.project
sub nbconvert medium
sub test,routes,status low
