# ansible-inventory(1)
tool ansible-inventory
default medium infra.read shows what is known of other machines
