# direnv(1)
tool direnv
default high run.code runs .envrc
sub status,version,help read
sub exec high run.code runs .envrc
runs 1
