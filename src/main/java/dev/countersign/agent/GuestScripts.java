package dev.countersign.agent;

/// What runs in the guest around the agent's unit. Constant texts: whatever varies comes as an
/// argument or on standard input, never as a part of the script. Whatever touches the agent's
/// directory runs as the agent, which could plant links there.
final class GuestScripts {
    static final String UNIT = "countersign-agent.service";

    /// Arguments: a program and its words. Standard input: files, one a line, path and base64.
    /// Writes them as root, then prints what the program says of its version. Exit 4: there is no
    /// such program.
    static final String READY =
            """
            set -eu
            umask 022
            while read -r path data; do
                mkdir -p "$(dirname "$path")"
                printf %s "$data" | base64 -d > "$path.countersign"
                mv -f "$path.countersign" "$path"
            done
            for word; do
                case "$word" in /*) test -e "$word" || exit 4 ;; esac
            done
            cd /
            exec runuser -u agent -- env -i HOME=/home/agent PATH=/usr/local/bin:/usr/bin:/bin \
                LANG=C.UTF-8 timeout 90 "$@" --version
            """;

    /// Arguments: directory. Standard input: the task. Exit 3: an agent runs already.
    static final String PREPARE =
            """
            set -eu
            case "$(systemctl show -p ActiveState --value countersign-agent.service)" in
                active|activating|reloading|deactivating) exit 3 ;;
            esac
            systemctl reset-failed countersign-agent.service 2> /run/countersign-reset || :
            rm -f /run/countersign-reset
            rm -rf "$1"
            install -d -m 0700 -o agent -g agent "$1"
            exec runuser -u agent -- sh -c '
                set -eu
                umask 077
                mkdir "$1/inbox"
                mkfifo "$1/input"
                cat > "$1/task"
            ' prepare "$1"
            """;

    /// Arguments: directory. Prints what is known, one `key=value` a line, and `done`.
    static final String STATUS =
            """
            systemctl show -p LoadState,ActiveState,ExecMainStatus,ExecMainCode,Result \
            countersign-agent.service
            runuser -u agent -- sh -c '
                test -d "$1" && echo directory=yes
                test -f "$1/exit" && printf "exit=%s\\n" "$(head -c 8 "$1/exit")"
                :
            ' status "$1"
            echo done
            """;

    /// Arguments: directory, a file to follow. As [#STATUS], once the unit has ended.
    static final String WATCH =
            """
            while :; do
                case "$(systemctl show -p ActiveState --value countersign-agent.service)" in
                    active|activating|reloading|deactivating) ;;
                    *) break ;;
                esac
                pid="$(systemctl show -p MainPID --value countersign-agent.service)"
                if [ "${pid:-0}" -gt 0 ]; then
                    tail -n 0 --pid="$pid" -s 0.3 -f "$2"
                else
                    sleep 0.3
                fi
            done
            """
                    + STATUS;

    /// Arguments: directory. Standard input: the message.
    static final String SEND =
            """
            exec runuser -u agent -- sh -c '
                set -eu
                umask 077
                name="$(date +%s%N)"
                cat > "$1/inbox/.$name"
                mv "$1/inbox/.$name" "$1/inbox/$name"
            ' send "$1"
            """;

    /// Arguments: directory. Standard input: what is typed.
    static final String TYPE =
            """
            exec runuser -u agent -- timeout 5 sh -c '
                test -p "$1/input" && cat > "$1/input"
            ' type "$1"
            """;

    /// Arguments: directory, offset, limit. Prints the real offset and a line end, then bytes.
    static final String OUTPUT =
            """
            exec runuser -u agent -- sh -c '
                set -eu
                dropped="$(head -c 20 "$1/dropped")"
                start="$2"
                test "$start" -ge "$dropped" || start="$dropped"
                echo "$start"
                tail -c "+$((start - dropped + 1))" "$1/output" | head -c "$3"
            ' output "$1" "$2" "$3"
            """;

    /// Arguments: an id, a directory, a command's words. Runs the command as root, its input being
    /// nothing, if the directory is the real place that was shown.
    static final String ROOT =
            """
            umask 022
            export HOME=/root LANG=C.UTF-8 TERM=dumb
            export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            . /etc/profile.d/countersign-egress.sh
            echo $$ > "/run/countersign-sudo-$1"
            cd -- "$2" && [ "$(pwd -P)" = "$2" ] || {
                rm -f "/run/countersign-sudo-$1"
                echo "sudo: the directory is not there any more" >&2
                exit 126
            }
            id="$1"
            shift 2
            "$@"
            code=$?
            rm -f "/run/countersign-sudo-$id"
            exit $code
            """;

    /// Arguments: an id. Ends that command and what it started.
    static final String END_ROOT =
            """
            read -r leader < "/run/countersign-sudo-$1" || exit 0
            rm -f "/run/countersign-sudo-$1"
            kill -TERM -- "-$leader"
            n=0
            while kill -0 -- "-$leader" && [ $n -lt 50 ]; do
                n=$((n + 1))
                sleep 0.1
            done 2> /tmp/countersign-ending
            kill -KILL -- "-$leader" 2> /tmp/countersign-ending
            rm -f /tmp/countersign-ending
            exit 0
            """;

    /// Arguments: directory. Prints the newest output and what follows, until the unit ends.
    static final String FOLLOW =
            """
            pid="$(systemctl show -p MainPID --value countersign-agent.service)"
            [ "${pid:-0}" -gt 0 ] || exit 3
            exec runuser -u agent -- tail -c 65536 --pid="$pid" -s 0.2 -f "$1/output"
            """;

    /// Arguments: directory. Standard input: what is typed, for as long as it is open.
    static final String KEYS =
            """
            exec runuser -u agent -- sh -c '
                test -p "$1/input" && exec cat > "$1/input"
            ' keys "$1"
            """;

    /// Arguments: directory, columns, rows. The keeper takes the size over.
    static final String RESIZE =
            """
            pid="$(systemctl show -p MainPID --value countersign-agent.service)"
            [ "${pid:-0}" -gt 0 ] || exit 3
            runuser -u agent -- sh -c '
                printf "%s %s\\n" "$2" "$3" > "$1/size"
            ' resize "$1" "$2" "$3" && kill -WINCH "$pid"
            """;

    private GuestScripts() {}
}
