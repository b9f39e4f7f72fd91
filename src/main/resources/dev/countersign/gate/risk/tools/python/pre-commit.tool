# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool pre-commit
default low test
sub run low test
sub install,autoupdate,uninstall,install-hooks high install.code changes what runs on each commit
sub validate-config,sample-config read
