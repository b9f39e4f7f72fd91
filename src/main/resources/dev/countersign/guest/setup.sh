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
systemd-tmpfiles --create /etc/tmpfiles.d/countersign.conf
systemctl daemon-reload
systemctl enable countersign-relay.service
systemctl restart countersign-relay.service
