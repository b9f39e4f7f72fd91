# ssh-agent(1): starts an agent without keys
tool ssh-agent
default high secrets.key starts an agent for keys
flag -k lowers
flag -a,-t =value
wraps 0
