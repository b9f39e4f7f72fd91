# Viewers and counters
tool glow mdcat procs dust duf ncdu btop btm gping lnav fx gron htmlq pup xq dasel jc jo jless hexyl sloccount pv ts inotifywait fswatch figlet cowsay fortune lolcat boxes units getent lsb_release lspci lsusb nvidia-smi nvtop rocm-smi sw_vers system_profiler neofetch fastfetch screenfetch tokei-cli hexdump-c ascii ansi2txt jsonpp mdless rich-cli vivid numbat qalc hwinfo inxi lshw lscpu-e cpuid smem numactl-h tasks-list sensors
default read
flag -n,-c,-l,-o,-f,-w,-d,-p,-s =value
