# pypa-build, cibuildwheel
tool pyproject-build cibuildwheel maturin build
default medium build
flag -o,--outdir =write
sub publish,upload critical deploy.release publishes a package
sub develop high install.code installs code
