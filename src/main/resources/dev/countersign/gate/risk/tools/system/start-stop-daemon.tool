# start-stop-daemon(8) run-parts(8)
tool start-stop-daemon run-parts daemon
default high run.later runs a program outside of this session
