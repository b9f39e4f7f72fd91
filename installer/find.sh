# Finds the programs that Countersign needs. Sourced by the launcher and by setup.sh; changes nothing.
# shellcheck shell=sh

LIMA_VERSION=2.2.0
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/countersign
LIMA_CACHE=$CACHE/lima-$LIMA_VERSION

# true if $1 holds a JDK 25: javac there, and the right version in its `release` file (no process is started).
is_jdk() {
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    while IFS= read -r release_line; do
        case "$release_line" in 'JAVA_VERSION="25'[.\"+-]*) return 0 ;; esac
    done <"$1/release"
    return 1
}

# Prints the home of a JDK 25: JAVA_HOME, PATH, then the usual places. Fails if there is none.
find_jdk() {
    if [ -n "${JAVA_HOME:-}" ] && is_jdk "$JAVA_HOME"; then
        echo "$JAVA_HOME"
        return 0
    fi
    jdk_javac=$(command -v javac 2>/dev/null || true)
    if [ -n "$jdk_javac" ]; then
        jdk_javac=$(readlink -f "$jdk_javac" 2>/dev/null || echo "$jdk_javac")
        jdk_home=${jdk_javac%/bin/javac}
        if is_jdk "$jdk_home"; then
            echo "$jdk_home"
            return 0
        fi
    fi
    for jdk_home in /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/25* \
        "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
        "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        "${HOMEBREW_PREFIX:-/opt/homebrew}"/opt/openjdk@25/libexec/openjdk.jdk/Contents/Home \
        "${HOMEBREW_PREFIX:-/home/linuxbrew/.linuxbrew}"/opt/openjdk@25/libexec; do
        if is_jdk "$jdk_home"; then
            echo "$jdk_home"
            return 0
        fi
    done
    return 1
}

# true if limactl $1 answers with version 2.1 or later.
is_limactl() {
    [ -x "$1" ] || return 1
    lima_version=$("$1" --version 2>/dev/null) || return 1
    lima_version=${lima_version##* }
    lima_version=${lima_version#v}
    case "$lima_version" in
    [01].* | 2.0 | 2.0.*) return 1 ;;
    [0-9]*.[0-9]*) return 0 ;;
    *) return 1 ;;
    esac
}

# Prints the path of a limactl that will do: our own build first (it costs no process to know its version), then PATH.
find_limactl() {
    if [ -x "$LIMA_CACHE/bin/limactl" ]; then
        echo "$LIMA_CACHE/bin/limactl"
        return 0
    fi
    lima_found=$(command -v limactl 2>/dev/null || true)
    if [ -n "$lima_found" ] && is_limactl "$lima_found"; then
        echo "$lima_found"
        return 0
    fi
    return 1
}

# true if go $1 is of a version that builds limactl. From 1.21 on, go fetches the version that go.mod names itself.
is_go() {
    [ -x "$1" ] || return 1
    go_version=$("$1" env GOVERSION 2>/dev/null) || return 1
    case "$go_version" in
    go1.2[1-9]* | go1.[3-9][0-9]* | go[2-9].*) return 0 ;;
    *) return 1 ;;
    esac
}

# Prints the path of a go that will do.
find_go() {
    for go_found in "$(command -v go 2>/dev/null || true)" /usr/local/go/bin/go /usr/lib/go-1.*/bin/go \
        "$HOME"/go/bin/go "$HOME"/sdk/go1.*/bin/go "$CACHE"/go/bin/go; do
        if [ -n "$go_found" ] && is_go "$go_found"; then
            echo "$go_found"
            return 0
        fi
    done
    return 1
}

# true if the dynamic linker knows library $1.
has_library() {
    case "$LIBRARIES" in *"$1 "*) return 0 ;; *) return 1 ;; esac
}

# Fills LIBRARIES once.
read_libraries() {
    LIBRARIES=
    for ldconfig in ldconfig /sbin/ldconfig /usr/sbin/ldconfig; do
        if command -v "$ldconfig" >/dev/null 2>&1; then
            LIBRARIES=$("$ldconfig" -p 2>/dev/null | tr '\n\t' '  ')
            return 0
        fi
    done
}

has_program() {
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ]
}
