#!/bin/sh
# Written by Countersign; Lima starts this in place of QEMU. It lets pass what Countersign's machines are
# made of and nothing else, takes the network away from the one card, and starts the real QEMU.
# Whatever is not known here is refused: a Lima that builds its machines in another way must be looked
# at first.
#
# COUNTERSIGN_QEMU      the real program
# COUNTERSIGN_ACCEL     kvm, hvf or tcg
# COUNTERSIGN_INCOMING  "defer" for a machine whose memory is given later, else empty
# COUNTERSIGN_SAID      a file for what is said on standard error; Lima reads it from a pipe that it may close first
set -eu
set -f
refuse() {
    echo "countersign: refused to start QEMU: $*" >&2
    exit 97
}

: "${COUNTERSIGN_QEMU:?countersign: COUNTERSIGN_QEMU is not set}"

# Lima asks what this QEMU can do, with these words only. None of them makes a machine.
question=
probe=yes
for word in "$@"; do
    case "$word" in
    help | --version) question=yes ;;
    -M | -accel | -netdev | -machine | -cpu | none | q35 | virt) ;;
    *) probe= ;;
    esac
done
if [ -n "$probe" ] && [ -n "$question" ]; then
    exec "$COUNTERSIGN_QEMU" "$@"
fi

[ -z "${COUNTERSIGN_SAID:-}" ] || exec 2>"$COUNTERSIGN_SAID"
case "$COUNTERSIGN_QEMU" in
*x86_64) type=q35 ;;
*aarch64) type=virt ;;
*) refuse "no machine type is known for $COUNTERSIGN_QEMU" ;;
esac
case "${COUNTERSIGN_ACCEL:-}" in
tcg)
    # With ERMS and FSRM the guest's kernel copies by `rep movsb`, which TCG runs byte by byte.
    cpu=max
    [ "$type" = q35 ] && cpu=max,erms=off,fsrm=off
    [ "$type" = q35 ] && type=q35,vmport=off
    accel=tcg,thread=multi,tb-size=512
    ;;
kvm | hvf)
    cpu=host
    accel=$COUNTERSIGN_ACCEL
    ;;
*) refuse "COUNTERSIGN_ACCEL is \"${COUNTERSIGN_ACCEL:-}\"" ;;
esac
case "${COUNTERSIGN_INCOMING:-}" in
'' | defer) ;;
*) refuse "COUNTERSIGN_INCOMING is \"$COUNTERSIGN_INCOMING\"" ;;
esac

# net0 exactly as Lima makes it: one forward, to ssh, from the host's loopback.
network() {
    rest=$1,
    forwards=0
    while [ -n "$rest" ]; do
        item=${rest%%,*}
        rest=${rest#*,}
        case "$item" in
        user | id=net0 | net=192.168.5.0/24 | dhcpstart=192.168.5.15) ;;
        hostfwd=tcp:127.0.0.1:*-:22)
            port=${item#hostfwd=tcp:127.0.0.1:}
            port=${port%-:22}
            case "$port" in '' | *[!0-9]*) refuse "network $1" ;; esac
            forwards=$((forwards + 1))
            ;;
        *) refuse "network with \"$item\": $1" ;;
        esac
    done
    [ "$forwards" = 1 ] || refuse "network with $forwards forwards: $1"
}

nets=0
cards=0
disks=0
left=$#
while [ "$left" -gt 0 ]; do
    option=$1
    shift
    left=$((left - 1))
    case "$option" in
    -cpu | -machine | -accel | -m | -smp | -device | -drive | -boot | -kernel | -append | -initrd | \
        -netdev | -audiodev | -display | -vga | -parallel | -chardev | -serial | -qmp | -name | \
        -pidfile | -global)
        [ "$left" -gt 0 ] || refuse "$option has no value"
        value=$1
        shift
        left=$((left - 1))
        ;;
    *) refuse "unknown option \"$option\"" ;;
    esac
    case "$option $value" in
    '-cpu '* | '-machine '* | '-accel '*) continue ;;
    '-netdev user,id=net0,'*)
        nets=$((nets + 1))
        network "$value"
        value=$value,restrict=on,ipv6=off
        ;;
    '-netdev '*) refuse "network $value" ;;
    '-drive file='*,if=none,discard=on,id=boot-disk)
        path=${value#file=}
        path=${path%,if=none,discard=on,id=boot-disk}
        case "$path" in *,*) refuse "comma in the disk's path: $path" ;; esac
        disks=$((disks + 1))
        value=format=qcow2,$value
        ;;
    '-drive id=cdrom0,if=none,format=raw,readonly=on,file='*)
        case "${value#id=cdrom0,if=none,format=raw,readonly=on,file=}" in
        *,*) refuse "drive $value" ;;
        esac
        ;;
    '-drive if=pflash,format=raw,readonly=on,file='*)
        case "${value#if=pflash,format=raw,readonly=on,file=}" in
        *,*) refuse "drive $value" ;;
        esac
        ;;
    '-drive '*) refuse "drive $value" ;;
    '-device virtio-net-pci,netdev=net0,'*) cards=$((cards + 1)) ;;
    '-device virtio-blk-pci,drive=boot-disk,'* | '-device virtio-scsi,'* | '-device virtio-scsi-pci,'* | \
        '-device scsi-cd,'* | '-device qemu-xhci,'* | '-device virtio-rng-pci' | \
        '-device virtio-serial-pci,'* | '-device virtconsole,'* | '-device pci-serial,'*) ;;
    '-device '*) refuse "device $value" ;;
    '-audiodev none,'* | '-display none' | '-vga none' | '-parallel none') ;;
    '-audiodev '* | '-display '* | '-vga '* | '-parallel '*) refuse "$option $value" ;;
    '-chardev socket,'*,path=/*,server=on,wait=off | '-chardev socket,'*,path=/*,server=on,wait=off,logfile=/*) ;;
    '-chardev '*) refuse "character device $value" ;;
    '-serial chardev:'* | '-qmp chardev:'*) ;;
    '-serial '* | '-qmp '*) refuse "$option $value" ;;
    '-global ICH9-LPC.disable_s'[34]'=1') ;;
    '-global '*) refuse "$option $value" ;;
    esac
    set -- "$@" "$option" "$value"
done
[ "$nets" = 1 ] && [ "$cards" = 1 ] || refuse "$nets networks and $cards cards, exactly one of each is allowed"
[ "$disks" = 1 ] || refuse "$disks boot disks"

set -- "$@" -machine "$type" -accel "$accel" -cpu "$cpu" -nodefaults
[ -z "${COUNTERSIGN_INCOMING:-}" ] || set -- "$@" -incoming "$COUNTERSIGN_INCOMING"
exec "$COUNTERSIGN_QEMU" "$@"
