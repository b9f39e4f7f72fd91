# git(1), gitcli(7), and the page of each sub-command
tool git
default high git.unknown
flag -C =cd
flag -c =value
flag --git-dir,--work-tree,--namespace,--super-prefix,--list-cmds =value
flag --exec-path high run.code runs another git
flag --config-env =value high git.config sets configuration from the environment
flag -P read
flag --paginate medium run.code runs a pager
flag --no-pager,--version,--help,--bare,--literal-pathspecs,--no-optional-locks,--glob-pathspecs read
sub status,rev-parse,rev-list,ls-files,ls-tree,cat-file,describe,shortlog,whatchanged,show-ref,for-each-ref,name-rev,merge-base,count-objects,check-ignore,check-attr,check-ref-format,diff-tree,diff-index,diff-files,range-diff,cherry,var,version,help,annotate,show-branch,verify-commit,verify-tag,fsck,mktree,hash-object,stripspace,interpret-trailers,get-tar-commit-id,patch-id read
flag -w =value medium write writes an object
sub log,show,diff,reflog read
flag --ext-diff high run.code runs a program to compare
flag --textconv medium run.code runs a program to show files
flag --output =write
flag -n,-S,-G,-L,-O,--since,--until,--after,--before,--author,--grep,--format,--pretty,--date,--diff-filter,-U,--max-count,--color =value
sub blame read
flag -L,-S,--since =value
sub grep read
flag -O,--open-files-in-pager =value high run.code runs a program on what it found
flag -e,-f,-A,-B,-C,-m,--max-depth =value
sub reflog+expire,reflog+delete high git.discard forgets commits
sub worktree+list,notes+list,notes+show,bisect+log,bisect+view,bisect+visualize,sparse-checkout+list,bundle+verify,bundle+list-heads,lfs+ls-files,lfs+status,lfs+env,commit-graph+verify,remote+get-url,fast-export,show-index,verify-pack,check-mailmap,column,fmt-merge-msg,merge-tree,for-each-ref,diagnose,ls-files,rerere+status,rerere+diff,maintenance+run read
sub remote+show medium net.request asks a remote
sub worktree+remove,worktree+prune medium git.change removes a worktree
flag -f,--force high git.discard throws away changes that were not committed
sub maintenance+start,maintenance+register high run.later changes what runs by the clock
sub config read
flag --global,--system medium git.config changes it for all repositories
flag -f,--file,--blob,--type,--default =value
flag -e,--edit medium git.config
sub add,stage medium git.add changes what will be committed
flag -n,--dry-run lowers
flag --pathspec-from-file =read
sub commit medium git.commit commits
flag --dry-run,--porcelain,--short,--long lowers
flag -n,--no-verify high git.no-verify leaves out the repository's own checks
flag --amend medium git.amend changes the last commit
flag -m,--message,-F,--file,-C,-c,--reuse-message,--author,--date,-t,--template,--fixup,--squash,--trailer,--cleanup,-S,--gpg-sign =value
sub branch read
flag -D,-M,-C,--force,-f high git.discard removes or moves a branch whatever it holds
flag -u,--set-upstream-to,--sort,--format,--contains,--merged,--no-merged,--points-at =value
sub tag read
flag -d,--delete,-f,--force medium git.ref
flag -m,-F,-u,--sort,--format,-n,--contains,--points-at =value
sub remote read
sub remote+add,remote+set-url,remote+rename,remote+remove,remote+rm,remote+set-head,remote+prune high git.remote changes where commits go
sub remote+update high net.request
sub stash medium git.stash
sub stash+list,stash+show read
sub stash+drop,stash+clear high git.discard throws stashed work away
sub checkout medium git.checkout changes files
flag -f,--force high git.discard throws away changes that were not committed
flag -B =value high git.discard moves a branch whatever it holds
flag -b,--orphan,--conflict =value
flag -p,--patch,-m,--merge medium
sub switch medium git.checkout changes files
flag -f,--force,--discard-changes high git.discard throws away changes that were not committed
flag -C,--force-create =value high git.discard moves a branch whatever it holds
flag -c,--create,--orphan =value
sub restore medium git.checkout changes files
flag -S,--staged,-W,--worktree low
flag -s,--source =value
sub reset medium git.reset moves the branch or the index
flag --hard,--merge,--keep high git.discard throws away changes that were not committed
sub clean high git.discard removes files that git does not know
flag -n,--dry-run lowers
flag -e,--exclude =value
sub rm medium delete removes files
flag -n,--dry-run lowers
sub mv medium write moves files
flag -n,--dry-run lowers
sub archive medium git.change packs the repository
flag --remote,--exec =value high net.request asks another repository
flag -o,--output =write
flag --format,--prefix,--add-file =value
sub merge,cherry-pick,revert,am,rerere,mergetool,notes,format-patch,bundle,worktree,sparse-checkout,update-index,write-tree,commit-tree,checkout-index,symbolic-ref,init,bisect,maintenance,commit-graph,pack-refs,unpack-objects,index-pack,repack,multi-pack-index medium git.change changes the repository
flag -o,--output =write
flag -m,-X,-s,-S,--strategy,--onto =value
flag -x low
flag --exec =code high run.code
sub read-tree medium git.change changes the index
flag --reset high git.discard throws away changes that were not committed
sub apply medium git.change changes files as a patch says
flag --check,--stat,--numstat,--summary lowers
flag -p,-C,--directory,--exclude,--include,--whitespace =value
sub rebase medium git.change rewrites local commits
flag -x,--exec =code high run.code runs a command after each commit
flag --onto,-s,-X,--strategy =value
sub gc,prune high git.discard removes what nothing points to
sub update-ref,replace,filter-branch,filter-repo,fast-import high git.rewrite rewrites history
sub clone high net.request gets a repository
flag -c,--config =value high git.config sets configuration
flag -u,--upload-pack =code high run.code runs a program at the other end
flag --template =value high run.code takes hooks from a directory
flag --recurse-submodules,--recursive high net.request gets other repositories too
flag -b,--branch,--depth,-o,--origin,--reference,-j,--shallow-since,--filter =value
flag --separate-git-dir =write
sub ls-remote high net.request asks a remote
flag --get-url lowers
flag --upload-pack =code high run.code runs a program at the other end
flag -o,--server-option =value
sub fetch high net.request asks a remote
flag --upload-pack =code high run.code runs a program at the other end
flag --dry-run medium
flag --depth,-j,--shallow-since,-o,--refmap,--server-option =value
sub pull high net.request gets and merges what others wrote
flag --upload-pack =code high run.code runs a program at the other end
flag -X,-s,--depth,-j =value
sub push high git.push sends commits to a remote
flag -f,--force,--force-with-lease,--force-if-includes critical git.force-push replaces history that others have
flag --mirror,--prune critical git.force-push makes the remote equal, whatever it holds
flag -d,--delete critical git.delete-remote removes a branch or tag at the remote
flag --receive-pack,--exec =code critical run.code runs a program at the other end
flag --no-verify high git.no-verify leaves out the repository's own checks
flag -n,--dry-run medium
flag --tags,--follow-tags,--all high git.push sends all
flag -o,--push-option,--repo,--recurse-submodules =value
sub send-pack,http-push,remote-ext,remote-fd,daemon,http-backend,shell,svn,p4,send-email,request-pull,imap-send,credential,credential-manager,credential-manager-core,credential-osxkeychain,credential-libsecret,credential-store,credential-cache,upload-pack,receive-pack,upload-archive critical net.send talks to others or handles credentials
sub submodule medium
sub submodule+status,submodule+summary read
sub submodule+add,submodule+update,submodule+sync,submodule+init,submodule+set-url high net.request gets other repositories
sub lfs high net.request
sub difftool,instaweb,gui,citool,hook,web--browse high run.code runs other programs
special git
