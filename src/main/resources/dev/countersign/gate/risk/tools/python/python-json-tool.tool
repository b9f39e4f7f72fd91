# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool python-json-tool
default read
args read
