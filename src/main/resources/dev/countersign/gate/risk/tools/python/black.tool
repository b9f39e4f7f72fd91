# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool black isort autopep8 yapf autoflake pyupgrade docformatter
default medium write changes files
flag --check,--diff,-c,--check-only lowers
flag -l,--line-length,-t,--target-version,--config,--profile =value
