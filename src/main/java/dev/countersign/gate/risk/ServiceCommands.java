package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Arguments.Used;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Containers, databases, packages, services: programs with a machine or a language behind them.
final class ServiceCommands {
    private final Paths paths;
    private final ShellWalk walk;

    ServiceCommands(Paths paths, ShellWalk walk) {
        this.paths = paths;
        this.walk = walk;
    }

    void docker(Invocation call, Arguments args, Findings own) {
        String sub = args.subName();
        List<Word> words = args.positionals();
        boolean runs = sub.equals("run") || sub.equals("container run") || sub.equals("create");
        boolean executes =
                sub.equals("exec")
                        || sub.equals("container exec")
                        || sub.equals("compose exec")
                        || sub.equals("compose run");
        for (Used option : args.options()) {
            Word value = option.value();
            if (value != null && option.is("-v", "--volume", "--mount")) {
                String source =
                        value.text()
                                .replaceFirst("(?s).*(source|src)=", "")
                                .replaceFirst("(?s)[:,].*", "");
                if (value.text().contains("docker.sock")
                        || source.equals("/")
                        || source.startsWith("/etc")
                        || source.startsWith("/home")
                        || source.startsWith("~")) {
                    own.add(
                            Level.CRITICAL,
                            "container.mount",
                            "gives a container the machine's own files");
                }
            }
            if (value != null
                    && option.is("--net", "--network", "--pid", "--ipc", "--userns", "--uts")
                    && value.text().equals("host")) {
                own.add(
                        Level.CRITICAL,
                        "container.host",
                        "runs a container inside of the machine's own rooms");
            }
        }
        if ((runs || executes) && words.size() > 1) {
            List<Word> inner = args.behind(1);
            if (executes
                    && inner.size() == 1
                    && inner.getFirst().text().matches("(/.*/)?(ba|da|z|k|a)?sh")) {
                own.add(Level.HIGH, "run.interactive", "opens a shell in a container");
            }
            walk.run(call.inner(inner));
        }
    }

    /// What changes something in MongoDB's shell and Redis' commands.
    private static final java.util.regex.Pattern OTHER_CHANGES =
            java.util.regex.Pattern.compile(
                    "\\.(deleteMany|deleteOne|drop|dropIndex|dropIndexes|remove|update|updateMany|updateOne|insert|insertMany|insertOne|replaceOne|createIndex|createCollection|renameCollection|createUser|grantRolesToUser|bulkWrite|findOneAnd\\w+|shutdownServer)\\s*\\("
                            + "|(?i)^\\s*(del|unlink|set|setex|setnx|mset|hset|hmset|hdel|lpush|rpush|lpop|rpop|sadd|srem|zadd|zrem|incr|decr|expire|persist|rename|config|eval|evalsha|script|shutdown|replicaof|slaveof|migrate|restore|debug|acl|module|xadd|publish|swapdb|getset|append)\\b");

    /// Words of SQL that change or reveal. Anything else than one SELECT is not read closely.
    void sql(Invocation call, Arguments args, Findings own) {
        boolean local = call.name().startsWith("sqlite") || call.name().equals("duckdb");
        List<Word> texts = new ArrayList<>();
        for (Used option : args.options()) {
            if (option.is(
                            "-c",
                            "-cmd",
                            "--command",
                            "-e",
                            "--execute",
                            "--eval",
                            "-Q",
                            "-q",
                            "--query")
                    && option.value() != null) {
                texts.add(option.value());
            }
        }
        if (call.name().startsWith("sqlite") || call.name().equals("duckdb")) {
            List<Word> words = args.positionals();
            texts.addAll(words.subList(Math.min(1, words.size()), words.size()));
        }
        if (call.name().matches("(redis|valkey)-cli")) {
            texts.add(
                    Word.of(
                            String.join(
                                    " ", args.positionals().stream().map(Word::text).toList())));
        }
        if (call.name().equals("influx")
                && call.arguments().stream()
                        .anyMatch(word -> word.text().matches("delete|restore|DROP.*"))) {
            own.add(Level.CRITICAL, "sql.change", "removes what a database holds");
        }
        Word file = args.value("-f", "--file");
        if (file != null
                && !local
                && call.name().matches("psql|usql|sqlcmd|cockroach|clickhouse-client|pgcli")) {
            own.add(Level.CRITICAL, "sql.unknown", "runs the statements of a file");
        }
        String literal = call.stdin().origin().literal();
        if (literal != null) {
            texts.add(Word.of(literal));
        } else if (call.stdin().connected()) {
            own.add(
                    local ? Level.HIGH : Level.CRITICAL,
                    "sql.unknown",
                    "runs statements that are known only when it runs");
        }
        for (Word text : texts) {
            String upper = text.text().toUpperCase(Locale.ROOT);
            if (!text.literal()) {
                own.add(
                        Level.HIGH,
                        "sql.unknown",
                        "runs a statement that is known only when it runs");
            }
            if (upper.matches(
                    "(?s).*\\b(DROP|ALTER|TRUNCATE|CREATE|GRANT|REVOKE|RENAME|REINDEX)\\b.*")) {
                own.add(
                        Level.CRITICAL,
                        "sql.schema",
                        "changes the schema or the rights of a database");
            } else if (upper.matches(
                    "(?s).*\\b(DELETE|UPDATE|INSERT|REPLACE|MERGE|COPY|LOAD|IMPORT|SET)\\b.*|(?s).*DROPDATABASE.*|(?s).*FLUSH.*")) {
                own.add(
                        local
                                        || (local(call, args)
                                                && !upper.matches("(?s).*(DROPDATABASE|FLUSH).*"))
                                ? Level.HIGH
                                : Level.CRITICAL,
                        "sql.change",
                        "changes what a database holds");
            } else if (local && !upper.strip().startsWith(".")) {
                own.add(Level.MEDIUM, "sql.read", "reads a database");
            }
            if (OTHER_CHANGES.matcher(text.text()).find()) {
                own.add(Level.CRITICAL, "sql.change", "changes what a database holds");
            }
            if (text.text()
                    .matches(
                            "(?s).*(\\\\!|\\\\copy|\\\\o |\\\\i |\\\\g"
                                    + " |PROGRAM|^\\s*\\.(shell|system|import|output|once|load|read|save|backup|open)|\\bsystem\\b|INTO"
                                    + " (OUT|DUMP)FILE|load_extension|readfile|writefile|edit\\().*")) {
                own.add(
                        Level.HIGH,
                        "run.code",
                        "runs a command or uses files from inside of the database client");
                CodeHints.check(text.text(), own);
            }
        }
    }

    /// A database server that the command names as the VM's own. `redis-cli` takes that one if it
    /// is given none.
    static boolean local(Invocation call, Arguments args) {
        Word host = args.value("-h", "--host", "-H");
        if (host == null && call.name().matches("(redis|valkey)-cli") && !args.has("-u")) {
            return true;
        }
        if (host != null) {
            return host.text().matches("localhost|127\\.0\\.0\\.1|::1|/var/run/.*|/tmp.*");
        }
        return args.positionals().stream()
                .anyMatch(word ->
                        word.text()
                                .matches(
                                        "[a-z+]+://([^@/]*@)?(localhost|127\\.0\\.0\\.1)([:/].*)?"));
    }

    /// `aws s3 cp s3://bucket/a a` gets a file; otherwise what [#cloudRead] says.
    static Tool.@org.jspecify.annotations.Nullable Grade cloud(Invocation call, Arguments args) {
        List<String> words = call.arguments().stream().map(Word::text).toList();
        int at =
                Math.max(
                        words.indexOf("cp"),
                        Math.max(words.indexOf("sync"), words.indexOf("rsync")));
        List<String> places =
                words.subList(at + 1, words.size()).stream()
                        .filter(word -> !word.startsWith("-"))
                        .limit(2)
                        .toList();
        boolean gets =
                at > 0
                        && places.size() == 2
                        && places.getFirst().matches("(s3|gs)://.*")
                        && !places.getLast().matches("(s3|gs)://.*")
                        && !words.contains("--delete");
        if (gets) {
            return new Tool.Grade(Level.HIGH, false, "net.request", "gets files from an account");
        }
        return args.sub() == null ? cloudRead(args) : null;
    }

    /// `gcloud compute instances list`: a verb behind the names of what it is about.
    static Tool.@org.jspecify.annotations.Nullable Grade cloudRead(Arguments args) {
        List<Word> words = args.positionals();
        for (Word word : words.subList(Math.min(1, words.size()), Math.min(5, words.size()))) {
            if (word.text()
                    .matches(
                            "(list|describe|show|get|head|ls|search|lookup|tail|read)(-[a-z-]+)?")) {
                return new Tool.Grade(Level.HIGH, false, "infra.read", "asks an account");
            }
        }
        return null;
    }

    void npm(Invocation call, Arguments args, Findings own) {
        for (Used option : args.options()) {
            Tool.Sub sub = args.sub();
            boolean looks = sub != null && sub.grade().looks();
            if (!looks
                    && option.is("-g", "--global", "--location")
                    && (option.value() == null || option.value().text().equals("global"))) {
                own.add(
                        Level.HIGH,
                        "install.global",
                        "works on what is installed for all projects");
            }
            if (option.is("--script-shell")) {
                own.add(Level.HIGH, "run.code", "runs scripts with a shell of its choice");
            }
        }
        boolean makes = args.subName().matches("init|create|innit");
        if (makes && !args.positionals().isEmpty()) {
            own.add(Level.HIGH, "install.code", "gets and runs a package that makes a project");
        }
        Word prefix = args.value("--prefix", "-C", "--dir", "--cwd");
        if (prefix != null) {
            String place = paths.place(paths.absolute(prefix.text(), call.scope().cwd()));
            if (place.startsWith("/")) {
                own.add(Level.HIGH, "run.outside", "works on a package outside of the workspace");
            }
        }
    }

    static void kill(Invocation call, Arguments args, Findings own) {
        if (call.argv().size() > 2
                && call.argv().subList(2, call.argv().size()).stream()
                        .anyMatch(word -> word.text().equals("-1"))) {
            own.add(Level.HIGH, "process.kill", "ends every process that it can");
        }
        for (Word word : call.arguments()) {
            if (GUARDS.matcher(word.text() + word.source()).matches()) {
                own.add(Level.CRITICAL, "guard.tamper", "ends a process that Countersign needs");
            }
        }
        for (Word word : args.positionals()) {
            if (word.text().equals("1")) {
                own.add(
                        Level.CRITICAL,
                        "guard.tamper",
                        "signals the first process, which everything in the VM hangs on");
            } else if (word.text().matches("-1|0")) {
                own.add(Level.HIGH, "process.kill", "ends every process that it can");
            }
        }
    }

    private static final java.util.regex.Pattern GUARDS =
            java.util.regex.Pattern.compile("(?is).*(countersign|sshd|relay|auditd|laurel).*");

    static void service(Arguments args, Findings own) {
        for (Word word : args.positionals()) {
            if (word.text()
                    .matches(
                            "(?i).*(countersign|sshd?|ssh\\.service|auditd|nftables|iptables|firewalld|ufw|apparmor|selinux|fail2ban|rsyslog|laurel|systemd-journald).*")) {
                own.add(Level.CRITICAL, "guard.tamper", "changes a service that Countersign needs");
            }
        }
    }

    void go(Invocation call, Arguments args, Findings own) {
        String sub = args.subName();
        if (sub.equals("run")) {
            for (Word word : args.positionals()) {
                if (word.text().matches(".*@.*")) {
                    own.add(Level.HIGH, "install.code", "gets and runs a program from elsewhere");
                } else if (paths.place(paths.absolute(word.text(), call.scope().cwd()))
                        .startsWith("/")) {
                    own.add(Level.HIGH, "run.outside", "runs a program outside of the workspace");
                }
                break;
            }
        }
    }
}
