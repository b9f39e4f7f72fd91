# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool setup.py
default medium build
sub build,sdist,bdist_wheel,clean,egg_info medium build
sub test,check,--version low test
sub install,develop,easy_install high install.code installs code
sub upload,register critical deploy.release publishes a package
