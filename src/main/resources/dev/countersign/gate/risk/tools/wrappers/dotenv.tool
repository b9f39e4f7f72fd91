# dotenv-cli: reads .env for the command behind --
tool dotenv
default critical secrets.read reads the secrets of this project into a command
flag -e,-f,-v,-c =value
sub list,get,set,unset critical secrets.read shows or changes secrets
sub run critical secrets.read
runs 0
wraps 0
