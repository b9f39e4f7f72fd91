# bash(1) dash(1) zsh(1) ksh(1) fish(1)
tool sh bash dash zsh ksh mksh ash rbash fish yash csh tcsh elvish nu xonsh
default low
flag --rcfile,--init-file =script
flag -o,+o,-O,+O =value
flag -C,--init-command =code
flag -i,-l,--login low
flag -n,--version lowers
special shell
