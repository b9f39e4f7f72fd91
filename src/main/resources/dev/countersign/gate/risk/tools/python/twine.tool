# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool twine flit
flag -r,--repository =value
default critical deploy.release publishes a package
sub check,build low
