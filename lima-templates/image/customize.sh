#!/bin/sh
# Runs once, as root of the build's name space, with the new root directory as $1 and this recipe's
# directory in $RECIPE: makes a guest of a Debian system.
set -eu
root=$1
recipe=${RECIPE:?}
in_root() { chroot "$root" "$@"; }

# Our own files. cp would keep the owner of the recipe's files, so modes and owners are set here.
(cd "$recipe/root" && find . -type f) | while read -r file; do
    mode=0644
    [ -x "$recipe/root/$file" ] && mode=0755
    case "$file" in ./etc/sudoers.d/*) mode=0440 ;; esac
    install -D -o 0 -g 0 -m "$mode" "$recipe/root/$file" "$root/$file"
done

# Users. Debian has a group `operator` of its own (37), hence the group `countersign`.
in_root groupadd -g 1000 countersign
in_root useradd -u 1000 -g countersign -m -d /home/operator -s /bin/bash -c 'Countersign' -p '*' operator
in_root groupadd -g 1001 agent
in_root useradd -u 1001 -g agent -m -d /home/agent -s /bin/bash -c 'Coding agent' -p '*' agent
in_root chmod 0700 /home/operator /home/agent
in_root install -d -m 0755 -o agent -g agent /workspace
in_root install -d -m 0755 /opt/countersign /opt/agents /etc/ssh/authorized_keys

# No name, no id, no key of this build goes into the image.
rm -f "$root"/etc/ssh/ssh_host_*_key "$root"/etc/ssh/ssh_host_*_key.pub
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/var/lib/systemd/random-seed"
echo countersign >"$root/etc/hostname"
printf '127.0.0.1 localhost countersign\n::1 localhost\n' >"$root/etc/hosts"

# Names are never resolved here: the egress proxy on the host does that.
echo '# no resolver: the egress proxy on the host resolves names' >"$root/etc/resolv.conf"
sed -i 's/^hosts:.*/hosts: files/' "$root/etc/nsswitch.conf"

# The disk is the first virtio block device; the initramfs mounts it read-write.
: >"$root/etc/fstab"

# Units and generators that only cost time in a machine that lives for one session.
while read -r unit; do
    case "$unit" in '' | '#'*) continue ;; esac
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done <"$recipe/masked.list"
mkdir -p "$root/etc/systemd/system-generators"
for generator in "$root"/usr/lib/systemd/system-generators/*; do
    ln -sf /dev/null "$root/etc/systemd/system-generators/${generator##*/}"
done
in_root systemctl enable -q countersign-net.service countersign-boot.service ssh.service acpid.service
in_root systemctl set-default -q multi-user.target

# What apt was told on the machine of the build stays there.
rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap"
sed -i -E 's#://[^/@ ]*@#://#' "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/* 2>/dev/null || true

# Versions, for the manifest.
# shellcheck disable=SC2016 # fields of dpkg-query
in_root dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' >"$root/packages.versions"

# The initramfs: busybox, one script, the modules in the order in which they load.
version=$(ls "$root/lib/modules")
early=$root/early
mkdir -p "$early/bin" "$early/dev" "$early/proc" "$early/root" "$early/modules"
install -m 0755 "$root/bin/busybox" "$early/bin/busybox"
install -m 0755 "$recipe/initramfs-init" "$early/init"
while read -r module; do
    case "$module" in '' | '#'*) continue ;; esac
    in_root modprobe -S "$version" --show-depends "$module" | while read -r kind path rest; do
        [ "$kind" = insmod ] || continue
        name=${path##*/}
        [ -e "$early/modules/$name" ] && continue
        cp "$root/$path" "$early/modules/$name"
        echo "$name" >>"$early/modules/order"
    done
done <"$recipe/modules.list"
find "$early" -exec touch -h -d "@${SOURCE_DATE_EPOCH:?}" {} +
(cd "$early" && find . | LC_ALL=C sort) >"$root/early.list"
in_root sh -c 'cd /early && exec cpio --quiet --reproducible -R 0:0 -o -H newc' <"$root/early.list" >"$root/initrd"
rm -rf "$early" "$root/early.list"
mv "$root/boot/vmlinuz-$version" "$root/kernel"
rm -rf "${root:?}"/boot/* "$root/vmlinuz" "$root/vmlinuz.old" "$root/initrd.img" "$root/initrd.img.old"
