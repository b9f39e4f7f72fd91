# ansible-vault(1)
tool ansible-vault
default critical secrets.read reads or changes secrets
