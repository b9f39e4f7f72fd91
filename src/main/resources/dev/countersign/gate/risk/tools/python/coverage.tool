# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool coverage
default low test
sub run low test
sub report,html,xml,json,combine,erase,lcov,annotate,debug low
