# npm-run-all, run-s, run-p: names of scripts
tool npm-run-all npm-run-all2 run-s run-p
default low
args target
