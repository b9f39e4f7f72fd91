# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool pipx uvx
default high install.code gets and runs a program
sub list,environment read
