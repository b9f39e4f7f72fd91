# goreleaser.com/cmd
tool goreleaser
default critical deploy.release publishes
flag --snapshot,--skip-publish medium build
sub check,healthcheck,jsonschema low test
sub build,init medium build
