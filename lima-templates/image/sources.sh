#!/bin/sh
# Prints apt's one-line sources for the release $1, from the mirrors of Debian that this machine uses itself.
# Prints nothing where it uses none (another distribution): mmdebstrap then takes its own choice.
set -eu
suite=$1
command -v apt-get >/dev/null 2>&1 || exit 0

codename=
if [ -r "${OS_RELEASE:-/etc/os-release}" ]; then
    # shellcheck source=/dev/null
    codename=$(. "${OS_RELEASE:-/etc/os-release}" && echo "${VERSION_CODENAME:-}")
fi

# Origin and label come from the signed release files; before the first `apt-get update` they are not known, and
# the release that this machine runs has to do.
# shellcheck disable=SC2016 # apt expands these
apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F'|' -v suite="$suite" -v codename="$codename" '
        $4 != "main" { next }
        $1 == "Debian" && $2 == "Debian" { if (archive == "") archive = $5; next }
        $1 == "Debian" && $2 == "Debian-Security" { if (security == "") security = $5; next }
        $1 !~ /^\$/ || codename == "" { next }
        $5 ~ /\/debian\/$/ && $3 == codename { if (archive == "") archive = $5 }
        $5 ~ /\/debian-security\/$/ && $3 == codename "-security" { if (security == "") security = $5 }
        END {
            if (archive != "") {
                print "deb " archive " " suite " main"
                print "deb " archive " " suite "-updates main"
                if (security != "") print "deb " security " " suite "-security main"
            }
        }'
