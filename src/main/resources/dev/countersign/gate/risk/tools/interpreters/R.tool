# R: R CMD check, Rscript file
tool Rscript
default low
flag -e =value
special interpreter
