# moreutils(1), caffeinate(8), env-run helpers: run what stands behind them
tool chronic ifne caffeinate retry gtimeout-run aa-exec arch-run zsh-run torsocks-none choom daemonize multitime logsave pexec uptime-run
default read
flag -n,-t,-d =value
wraps 0
