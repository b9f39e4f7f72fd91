# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool journalctl dmesg last lastb lastlog
default read
flag --vacuum-size,--vacuum-time,--vacuum-files,-C,--clear,-c critical guard.tamper removes log entries
flag --rotate,--flush,--relinquish-var high audit.log moves the log aside
flag -u,-n,-p,-S,-U,--since,--until,-o,-t,-k,-b =value
