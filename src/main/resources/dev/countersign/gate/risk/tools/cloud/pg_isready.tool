# pg_isready(1)
tool pg_isready pg_config mysql_config
default low
