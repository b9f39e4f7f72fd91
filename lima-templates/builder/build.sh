#!/bin/sh
# Builds a guest image in a virtual machine, where this system gives no user name spaces to build it in. The machine
# is made here, without root, of Debian's own packages: a kernel, and as its first file system the unpacked tools.
# It gets the recipe and the packages as a read-only disk and hands the image back on another. It has no network:
# every package is fetched, and its signature checked, by this host's apt.
#
#   build.sh OUT < package names, one a line
#
# OUT and the environment are as in the recipe's own build.sh, and
#   RECIPE             the recipe's directory
#   QEMU               the system emulator
# Lines that begin with "@" tell how far it is: "@ PERCENT TEXT".
set -eu
out=$1
here=$(cd "$(dirname "$0")" && pwd)
: "${RECIPE:?}" "${QEMU:?}" "${SCRATCH:?}" "${SUITE:?}" "${ARCHITECTURE:?}" "${DISK_BYTES:?}" "${SOURCE_DATE_EPOCH:?}"
at() { echo "@ $*"; }

scratch=$(mktemp -d "$SCRATCH/vm.XXXXXXXX")
machine=
clean() {
    if [ -n "$machine" ]; then
        kill "$machine" 2>/dev/null || true
        wait "$machine" 2>/dev/null || true
    fi
    chmod -R u+rwx "$scratch" && rm -rf "$scratch"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cd "$scratch"
cat >packages

# apt with a state of its own: as if nothing were installed, and nothing of this system is touched.
at 1 "Reading Debian's package lists"
sh "$RECIPE/sources.sh" "$SUITE" >sources.list
if [ ! -s sources.list ]; then
    echo "E: this machine's apt knows no mirror of Debian; name one in its sources, run apt-get update, then try again" >&2
    exit 1
fi
mkdir -p state/lists/partial
: >state/status
fetch() {
    into=$1
    shift
    mkdir -p "$scratch/$into/partial"
    apt-get -q -y -o Dir::State="$scratch/state" -o Dir::State::status="$scratch/state/status" \
        -o Dir::Cache="$scratch/state" -o Dir::Cache::archives="$scratch/$into" \
        -o Dir::Etc::sourcelist="$scratch/sources.list" -o Dir::Etc::sourceparts=- \
        -o APT::Architecture="$ARCHITECTURE" -o APT::Architectures::="$ARCHITECTURE" \
        -o APT::Install-Recommends=false -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::GzipIndexes=false \
        "$@" </dev/null
    rmdir "$scratch/$into/partial" 2>/dev/null || true
}
fetch tools update

at 3 "Fetching the builder's tools"
# shellcheck disable=SC2046 # one word a package
fetch tools --download-only install "linux-image-cloud-$ARCHITECTURE" busybox-static dash bash coreutils findutils \
    grep sed gawk gzip xz-utils tar diffutils debianutils hostname libc-bin login passwd base-passwd base-files \
    util-linux mount kmod e2fsprogs apt dpkg perl mmdebstrap uidmap qemu-utils

at 6 "Fetching the image's packages"
# A minimal Debian is what is required of every one, and apt.
required=$(cat state/lists/*_Packages | awk '/^Package: /{name=$2} /^Priority: required$/{print name}' | sort -u)
[ -n "$required" ] || {
    echo "E: apt's package lists name nothing that is required of a Debian" >&2
    exit 1
}
# shellcheck disable=SC2046,SC2086 # one word a package
fetch archive --download-only install $required apt $(cat packages)

at 10 "Making the builder"
mkdir -p root
for package in tools/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -C root --keep-directory-symlink --no-same-owner -xpf -
done
cp root/boot/vmlinuz-* kernel
rm -rf root/boot/* root/usr/share/doc root/usr/share/man root/usr/share/locale root/usr/share/info
mkdir -p root/recipe root/proc root/sys root/dev root/run root/tmp root/archive root/scratch root/root
cp -R "$RECIPE/." root/recipe/
install -m 0755 "$here/init" root/init
# mmdebstrap takes apt for essential where it comes from a mirror; from a disk it wants to be asked.
{
    awk 1 packages
    echo apt
} >root/recipe/wanted
cp sources.list root/recipe/sources.list
cat >root/recipe/settings <<END
export ARCHITECTURE='$ARCHITECTURE' SUITE='$SUITE' DISK_BYTES='$DISK_BYTES' SOURCE_DATE_EPOCH='$SOURCE_DATE_EPOCH'
END
(cd root && find . | LC_ALL=C sort | bin/busybox cpio -o -H newc -R 0:0) >initrd 2>cpio.log
chmod -R u+rwx root && rm -rf root tools

# What apt fetched and checked becomes a source of its own for the one inside.
(
    cd archive
    for package in *.deb; do
        dpkg-deb -f "$package"
        echo "Filename: ./$package"
        echo "Size: $(stat -c %s "$package")"
        echo "SHA256: $(sha256sum "$package" | cut -d' ' -f1)"
        echo
    done >Packages
    {
        echo "Origin: Debian"
        echo "Label: Debian"
        echo "Suite: $SUITE"
        echo "Codename: $SUITE"
        echo "Architectures: $ARCHITECTURE"
        echo "Date: $(date -u -R -d "@$SOURCE_DATE_EPOCH")"
        echo "SHA256:"
        echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages"
    } >Release
)
truncate -s "$(($(du -sk archive | cut -f1) * 5 / 4 + 32768))K" archive.raw
mke2fs -q -t ext4 -O ^has_journal -d archive archive.raw
rm -rf archive
truncate -s 16G work.raw
truncate -s 6G result.raw

at 14 "Starting the builder"
case "$QEMU" in
*x86_64) type=q35 console=ttyS0 ;;
*aarch64) type=virt console=ttyAMA0 ;;
*)
    echo "E: no machine type is known for $QEMU" >&2
    exit 1
    ;;
esac
# KVM only where it is seen to work: a kernel has to come up with it within half a minute.
start() {
    case "$1,$type" in
    tcg,q35) cpu=max,erms=off,fsrm=off ;;
    tcg,*) cpu=max ;;
    *) cpu=host ;;
    esac
    : >console
    "$QEMU" -nodefaults -no-reboot -display none -nic none -machine "$type" -accel "$1" -cpu "$cpu" -smp 2 -m 2048 \
        -kernel kernel -initrd initrd -append "console=$console quiet panic=-1" -serial file:console \
        -drive file=archive.raw,if=none,id=d0,format=raw,readonly=on -device virtio-blk-pci,drive=d0 \
        -drive file=work.raw,if=none,id=d1,format=raw,discard=unmap -device virtio-blk-pci,drive=d1 \
        -drive file=result.raw,if=none,id=d2,format=raw -device virtio-blk-pci,drive=d2 \
        -device virtio-rng-pci </dev/null &
    machine=$!
}
is_up() { grep -q '^@ 15 ' console; }
accelerator=tcg
if [ -w /dev/kvm ]; then
    start kvm
    tries=0
    while [ "$tries" -lt 30 ] && ! is_up && kill -0 "$machine" 2>/dev/null; do
        sleep 1
        tries=$((tries + 1))
    done
    if is_up; then
        accelerator=kvm
    else
        kill "$machine" 2>/dev/null || true
        wait "$machine" 2>/dev/null || true
    fi
fi
[ "$accelerator" = kvm ] || start tcg
echo "I: the builder runs by $accelerator"
# What the machine says, as it says it; tail ends with the machine.
tail -n +1 -s 0.5 -f --pid="$machine" console | tr -d '\r'
wait "$machine" || true
machine=
grep -q '^builder: done' console || {
    echo "E: the builder ended without an image" >&2
    exit 1
}
at 97 "Taking the image out"
tar -C "$out" --no-same-owner -xSf result.raw
for file in disk.qcow2 kernel initrd packages.versions; do
    [ -s "$out/$file" ] || {
        echo "E: the builder made no $file" >&2
        exit 1
    }
done
at 99 "Recording what is in it"
