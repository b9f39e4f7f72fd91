# capistrano, kamal, mina: deploy a Ruby project. (Capacitor's cap: sync, copy, open.)
tool cap kamal mina dpl
default critical deploy.release deploys
sub sync,copy,open,add,init,ls,doctor,-T medium build
