# tmux(1) screen(1)
tool tmux
default medium opens a terminal that stays
flag -L,-S,-f,-c =value
sub ls,list-sessions,list-windows,lsw,list-panes,lsp,list-keys,list-clients,list-commands,capture-pane,capturep,has-session,has,display-message,display,show-options,show,show-buffer,info,wait-for read
sub source-file,source,set-hook,bind-key,bind high run.code reads commands
special tmux
