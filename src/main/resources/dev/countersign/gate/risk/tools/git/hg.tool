# git(1), gitcli(7), and the page of each sub-command
tool hg svn bzr fossil jj
default medium
sub status,log,diff,annotate,cat,info,ls,list,blame,st,heads,branches,tags,summary,show read
sub push,commit+*,propset+* critical net.send sends commits
sub pull,update,up,clone,checkout,co,incoming,outgoing high net.request
sub revert,purge,strip,rollback,abandon high git.discard throws away changes
