# hardhat help
tool hardhat
default high
sub test,check,help,coverage,size-contracts,flatten low test
flag --network =value high net.request works on a chain
sub compile,clean,node,console,typechain medium build
sub run,ignition,deploy,verify critical deploy.release sends to a chain
