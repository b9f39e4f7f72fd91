# ansible-galaxy(1), molecule
tool ansible-galaxy molecule
default high install.code gets or runs roles
sub list,lint,init low
