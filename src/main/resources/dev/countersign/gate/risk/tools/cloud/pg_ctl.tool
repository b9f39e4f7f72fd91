# pg_ctl(1) initdb(1) vacuumdb(1)
tool pg_ctl initdb vacuumdb reindexdb pg_ctlcluster
default high system.service starts, stops or rebuilds a database server
flag -D,-l,-o,-U,-d =value
