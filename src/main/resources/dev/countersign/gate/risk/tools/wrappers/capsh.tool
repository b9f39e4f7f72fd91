# capsh(1): -- hands the rest to bash
tool capsh
default high sandbox.change changes rights
flag --print lowers
special capsh
