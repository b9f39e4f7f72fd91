# Servers of a project
tool puma unicorn thin rackup sidekiq resque foreman overmind hivemind spring honcho pm2 forever air reflex modd
default medium run.project starts a service
flag -c,-f,-p,-e,-C,--config,--port =value
