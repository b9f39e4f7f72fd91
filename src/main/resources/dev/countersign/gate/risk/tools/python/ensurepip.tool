# Modules of Python's library that fetch or open
tool ensurepip
default high install.code installs pip
