# ansible(1) and its family
tool ansible ansible-playbook ansible-pull ansible-console
default critical infra.apply changes other machines
flag --syntax-check,--list-tasks,--list-hosts,--list-tags lowers
flag -i,-e,-l,-m,-a,-u,--inventory =value
