# mysqladmin(1) pg_ctl(1) pg_isready(1)
tool mysqladmin
default critical sql.schema changes a database
flag -u,-h,-p,-P,-S =value
sub status,ping,version,processlist,variables,extended-status high sql.read
