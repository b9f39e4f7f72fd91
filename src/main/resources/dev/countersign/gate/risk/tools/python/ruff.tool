# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool ruff
default low test
sub check low test
flag --fix,--fix-only,--unsafe-fixes medium write changes files
flag --config,--select,--ignore =value
sub format medium write changes files
flag --check,--diff lowers
sub rule,version,config,linter,clean low
