#!/bin/sh
# `./countersign try` and `./countersign test` as root (containers, CI): Lima refuses root, so everything runs as a
# normal user, from a copy of the clone in that user's home. Its caches stay there for the next time.
#
#   as-user.sh CLONE VERB [ARGUMENT...]
set -eu
clone=$1
shift
user=${COUNTERSIGN_USER:-countersign}
say() { echo "countersign: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

[ "$(id -u)" = 0 ] || fail "as-user.sh is for root"
command -v runuser >/dev/null 2>&1 || fail "no runuser here; run ./countersign as a normal user"

# What only root can install.
tests=
[ "${1:-}" = test ] && tests=--tests
# shellcheck disable=SC2086 # empty or one word
sh "$clone/installer/setup.sh" --system $tests >&2

# The user, with the sub-ids that the image build needs, and KVM where there is one.
if ! id "$user" >/dev/null 2>&1; then
    useradd --create-home --shell /bin/bash --comment Countersign "$user"
    say "Lima does not run as root: made the normal user $user"
fi
[ "$(id -u "$user")" != 0 ] || fail "$user is root by another name; set COUNTERSIGN_USER to a normal user"
grep -q "^$user:" /etc/subuid 2>/dev/null || usermod --add-subuids 300000-365535 "$user"
grep -q "^$user:" /etc/subgid 2>/dev/null || usermod --add-subgids 300000-365535 "$user"
if [ -e /dev/kvm ] && getent group kvm >/dev/null; then
    usermod -aG kvm "$user"
fi
home=$(getent passwd "$user" | cut -d: -f6)
[ -d "$home" ] || fail "$user has no home directory"

as_user() { runuser -u "$user" -- "$@"; }

# The copy. Its name holds the clone's path, so that two clones do not mix; what was built before stays in it.
sum=$(printf %s "$clone" | cksum | cut -d' ' -f1)
copy=$home/clones/${clone##*/}-$sum
as_user mkdir -p "$home/clones"
as_user rm -rf "$copy.new"
as_user mkdir "$copy.new"
tar -C "$clone" --exclude=./target --exclude=./.git -cf - . | as_user tar -C "$copy.new" --no-same-owner -xf -
if [ -d "$copy/target" ]; then
    as_user mv "$copy/target" "$copy.new/target"
fi
as_user rm -rf "$copy"
as_user mv "$copy.new" "$copy"

# How root's package tools reach their registries, this user's do: by environment and by the tools' own settings.
# These are read here and go nowhere else.
carry() {
    [ -r "$HOME/$1" ] || return 0
    as_user mkdir -p "$(dirname "$home/$1")"
    # Made unreadable for others before it holds anything.
    # shellcheck disable=SC2016 # the inner shell's argument
    as_user sh -c 'umask 077; rm -f "$1"; cat >"$1"' carry "$home/$1" <"$HOME/$1"
    say "carried over ~/$1"
}
if [ "$HOME" != "$home" ]; then
    carry .m2/settings.xml
    carry .m2/settings-security.xml
    carry .m2/toolchains.xml
    carry .config/go/env
    carry .config/pip/pip.conf
    carry .npmrc
fi

# Nothing else of root's environment goes along.
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
for directory in /usr/local/go/bin "${JAVA_HOME:+$JAVA_HOME/bin}"; do
    if [ -n "$directory" ] && as_user test -x "$directory"; then
        path=$path:$directory
    fi
done
# The names are read, the values stay where they are: an argument list could be seen by others.
names=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p')
for name in $names; do
    case "$name" in
    CI | LANG | LC_* | TERM | COLORTERM | NO_COLOR | TZ | DISPLAY) ;;
    *_proxy | *_PROXY | SSL_CERT_FILE | SSL_CERT_DIR | CURL_CA_BUNDLE | NODE_EXTRA_CA_CERTS | REQUESTS_CA_BUNDLE) ;;
    JAVA_HOME | JAVA_TOOL_OPTIONS | MAVEN_OPTS | MAVEN_ARGS) ;;
    GOPROXY | GOSUMDB | GONOSUMDB | GONOPROXY | GOPRIVATE | GOINSECURE | GOTOOLCHAIN | GOFLAGS | GOAUTH) ;;
    PIP_* | npm_config_* | NPM_CONFIG_*) ;;
    COUNTERSIGN_HOME | COUNTERSIGN_USER) unset "$name" ;;
    COUNTERSIGN_*) ;;
    PWD | PATH | HOME) ;;
    *) unset "$name" 2>/dev/null || true ;;
    esac
done
if [ -n "${JAVA_HOME:-}" ] && ! as_user test -x "$JAVA_HOME/bin/java"; then
    unset JAVA_HOME
fi
export HOME="$home" USER="$user" LOGNAME="$user" SHELL=/bin/bash PATH="$path"
say "running as $user in $copy"
# shellcheck disable=SC2016 # the inner shell's arguments
exec runuser -u "$user" -- sh -c 'cd "$1" && shift && exec ./countersign "$@"' countersign "$copy" "$@"
