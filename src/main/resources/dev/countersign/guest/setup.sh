#!/bin/sh
# Runs once as root in the warm base, after the files are in place. Safe to run again.
set -eu

for user in operator agent; do
    id "$user" > /tmp/countersign-setup.log 2>&1 || {
        echo "setup: the guest image has no user $user; build it again" >&2
        exit 1
    }
done
rm -f /tmp/countersign-setup.log
install -d -m 0755 -o root -g root /opt/countersign
install -d -m 0755 -o agent -g agent /workspace
# What has no system-wide place of its own, or none that is there in every image: the agent's.
for kind in m2/settings.xml gradle/gradle.properties; do
    install -d -m 0755 -o agent -g agent "/home/agent/.${kind%/*}"
    [ -e "/home/agent/.$kind" ] || install -m 0644 -o agent -g agent \
        "/opt/countersign/clients/${kind##*/}" "/home/agent/.$kind"
done
systemd-tmpfiles --create /etc/tmpfiles.d/countersign.conf
systemctl daemon-reload
systemctl enable countersign-relay.service
systemctl restart countersign-relay.service
