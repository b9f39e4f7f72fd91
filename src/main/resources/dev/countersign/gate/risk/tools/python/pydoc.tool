# pydoc
tool pydoc pydoc3 perldoc ri rdoc-ri godoc
default read
flag -p,-b,-n,-w =value medium run.project
