# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool virtualenv venv
default medium build makes files
args write
