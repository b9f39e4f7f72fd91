# pip(1) pytest(1) tox, poetry, uv, pipenv, conda, django-admin, and linters
tool pytest py.test nose2 nosetests unittest doctest python-unittest ward behave robot hypothesis locust-check pytest-watch ptw green stestr trial cosmic-ray mutmut
default low test
flag -c,--config-file,--rootdir,--confcutdir =config
flag -p,-k,-m,-n,-o,--maxfail,--tb,--durations,--cov,--cov-report,--ignore,-W,--junitxml,--basetemp,--timeout,-r =value
flag --snapshot-update,--inline-snapshot,--force-regen,--regen-all,--update-goldens medium write changes what tests compare with
flag --junitxml,--basetemp =write
special tests
