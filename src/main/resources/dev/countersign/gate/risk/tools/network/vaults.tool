# Programs that give secrets to a command or show them
tool doppler infisical op aws-vault chamber teller envchain
default critical secrets.read reads or changes secrets
sub run,exec critical secrets.read gives secrets to a command
runs 0
