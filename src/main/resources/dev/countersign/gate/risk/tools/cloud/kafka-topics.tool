# kubectl, helm, terraform(1), aws, gcloud, az, docker(1), podman(1) and others that reach beyond the VM
tool kafka-topics kafka-topics.sh kafkacat kcat kafka-console-producer rabbitmqadmin rabbitmqctl nats mosquitto_pub
default critical net.send sends messages to other programs
