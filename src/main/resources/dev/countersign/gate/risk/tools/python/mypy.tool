# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool mypy pyright pytype flake8 pylint pyflakes pycodestyle pydocstyle bandit vulture mccabe radon safety pip-audit codespell yamllint djlint interrogate ty sqlfluff doc8 rstcheck deptry fixit refurb perflint import-linter lint-imports dodgy prospector wemake pyroma check-manifest basedpyright pyre semgrep-lint darglint curlylint cfn-lint checkov detect-secrets proselint reuse nbqa flake8-nb pydoclint ruff-lsp
default low test
flag --fix medium write changes files
flag -c,--config,--config-file,-f,--format,-p,-m,--select,--ignore,--max-line-length,--python-version =value
flag --init-hook,--load-plugins =value high run.code runs code from its arguments
flag --install-types high install.code
