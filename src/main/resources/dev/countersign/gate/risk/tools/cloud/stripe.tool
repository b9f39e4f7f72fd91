# stripe CLI
tool stripe
default critical infra.apply changes an account
sub listen,logs,version,status high infra.read
