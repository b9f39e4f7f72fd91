# coreutils, util-linux, less(1), file(1), diffutils, xxd(1), tree(1), ripgrep, grep(1)
tool yes clear tput reset stty tty nproc arch uname hostname-f date-u cal uptime free lscpu lsblk lsmem getconf locale id whoami groups users who w logname ps pgrep pidof top htop vmstat iostat mpstat sar lsof pstree ldd nm objdump readelf size
default read
flag -p,-u,-o,-O,-C,-g,-n,-d,-S,-t,-U,-G,-f =value
