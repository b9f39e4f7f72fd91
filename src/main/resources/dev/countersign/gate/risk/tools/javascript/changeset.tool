# github.com/changesets/changesets
tool changeset
default medium write writes a note on a change
sub status low
sub publish,tag critical deploy.release publishes packages
