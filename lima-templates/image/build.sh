#!/bin/sh
# Builds a guest image as a normal user.
#
#   build.sh OUT < package names, one a line
#
# OUT is an empty directory; it receives disk.qcow2, kernel, initrd and packages.versions.
# The environment says:
#   ARCHITECTURE       Debian's name (amd64, arm64)
#   SUITE              Debian's release
#   DISK_BYTES         size of the disk as the guest sees it
#   SOURCE_DATE_EPOCH  time stamp of the files that are made here
#   SCRATCH            directory for what is thrown away; other users must be able to enter it
# Lines that begin with "@" tell how far it is: "@ PERCENT TEXT".
set -eu
out=$1
RECIPE=$(cd "$(dirname "$0")" && pwd)
export RECIPE SOURCE_DATE_EPOCH
at() { echo "@ $*"; }

# The build's name space: root there is this user here, the other ids are the user's sub-ids.
as_root() { unshare --map-root-user --map-auto -- "$@"; }

# shellcheck disable=SC2153 # comes from the environment
scratch=$(mktemp -d "$SCRATCH/build.XXXXXXXX")
chmod 0711 "$scratch"
clean() { as_root rm -rf "$scratch"; }
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

packages=$(tr '\n' ',')
sh "$RECIPE/sources.sh" "$SUITE" >"$scratch/sources"
# How this machine's apt reaches a mirror (proxy, certificates) holds for the build as well.
{
    echo 'Acquire::Languages "none";'
    echo 'Acquire::Retries "3";'
    if command -v apt-config >/dev/null 2>&1; then
        apt-config dump --no-empty --format '%f "%v";%n' Acquire::http Acquire::https |
            grep -Ei '^Acquire::https?::([^ ]*::)?(Proxy|CAInfo|CAPath) ' || true
    fi
} >"$scratch/apt.conf"
mirrors=
[ -s "$scratch/sources" ] && mirrors=$scratch/sources
at 1 "Asking Debian for its packages"
# Manual pages are left out, but packages that link to theirs (Java, PostgreSQL) fail where their directory is missing.
# INITRD=No: the kernel package need not make an initramfs, ours is made in customize.sh.
INITRD=No TMPDIR=$scratch mmdebstrap --mode=unshare --format=tar --variant=minbase \
    --architectures="$ARCHITECTURE" --include="$packages" --verbose \
    --aptopt="$scratch/apt.conf" \
    --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/lintian/*' \
    --essential-hook="mkdir -p \"\$1/usr/share/man/man1\"" \
    --customize-hook="sh \"\$RECIPE/customize.sh\" \"\$1\"" \
    "$SUITE" - ${mirrors:+"$mirrors"} >"$scratch/root.tar"

at 80 "Unpacking the root file system"
# shellcheck disable=SC2016 # the variables belong to the inner shell
as_root sh -euc '
    mkdir "$1/root"
    tar -C "$1/root" --exclude="./dev/*" --numeric-owner --xattrs -xf "$1/root.tar"
    rm "$1/root.tar"
    for file in kernel initrd packages.versions; do
        cat "$1/root/$file" >"$2/$file"
        rm "$1/root/$file"
    done
    echo "@ 88 Writing the disk"
    truncate -s "$3" "$1/disk.raw"
    # Tables are zeroed here, in a sparse file, so that no guest does it in the background.
    mke2fs -q -t ext4 -L countersign -m 0 -J size=64 \
        -E lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0 -d "$1/root" "$1/disk.raw"
' build "$scratch" "$out" "$DISK_BYTES"
at 95 "Packing the disk"
qemu-img convert -q -f raw -O qcow2 -S 4k "$scratch/disk.raw" "$out/disk.qcow2"
at 99 "Recording what is in it"
