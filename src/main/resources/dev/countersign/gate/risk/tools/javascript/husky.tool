# typicode.github.io/husky, lefthook, simple-git-hooks: hooks that run at each commit
tool husky lefthook simple-git-hooks overcommit
default high install.code changes what runs at each commit
sub run medium run.project runs hooks
