package dev.countersign.secrets;

import dev.countersign.secrets.Scanner.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Passwords among the arguments of commands that are known to take them under a name that says
/// little: `mysql -pVALUE`, `curl -u user:VALUE`, `sshpass -p VALUE`.
final class CommandLines {
    private static final String RULE = "command-line-password";
    private static final int LONGEST = 768;
    private static final int MOST_WORDS = 48;

    /// Which arguments of a command are secret.
    ///
    /// @param options whose next word, or the rest of the same word, is the secret
    /// @param joined of these the secret must stand in the same word
    /// @param pairs options whose value is `user:secret` (or `user%secret`)
    /// @param behind a verb behind which the secret is the word so many further, else 0
    private record Command(
            Set<String> options, Set<String> joined, Set<String> pairs, String verb, int behind) {
        static Command options(String... options) {
            return new Command(Set.of(options), Set.of(), Set.of(), "", 0);
        }

        static Command joined(String... options) {
            return new Command(Set.of(), Set.of(options), Set.of(), "", 0);
        }

        static Command pairs(String... options) {
            return new Command(Set.of(), Set.of(), Set.of(options), "", 0);
        }

        static Command behind(String verb, int words) {
            return new Command(Set.of(), Set.of(), Set.of(), verb, words);
        }
    }

    private static final Map<String, Command> COMMANDS =
            Map.ofEntries(
                    Map.entry("mysql ", Command.joined("-p")),
                    Map.entry("mysqldump ", Command.joined("-p")),
                    Map.entry("mysqladmin ", Command.joined("-p")),
                    Map.entry("mysqlimport ", Command.joined("-p")),
                    Map.entry("mariadb ", Command.joined("-p")),
                    Map.entry("sshpass ", Command.options("-p")),
                    Map.entry("docker login ", Command.options("-p")),
                    Map.entry("podman login ", Command.options("-p")),
                    Map.entry("mongo ", Command.options("-p")),
                    Map.entry("mongosh ", Command.options("-p")),
                    Map.entry("mongodump ", Command.options("-p")),
                    Map.entry("mongorestore ", Command.options("-p")),
                    Map.entry("mongoimport ", Command.options("-p")),
                    Map.entry("redis-cli ", Command.options("-a")),
                    Map.entry("sqlcmd ", Command.options("-P")),
                    Map.entry("bcp ", Command.options("-P")),
                    Map.entry("isql ", Command.options("-P")),
                    Map.entry("ldapsearch ", Command.options("-w")),
                    Map.entry("ldapadd ", Command.options("-w")),
                    Map.entry("ldapmodify ", Command.options("-w")),
                    Map.entry("az login ", Command.options("-p")),
                    Map.entry("cf login ", Command.options("-p")),
                    Map.entry("oc login ", Command.options("-p")),
                    Map.entry("argocd login ", Command.options("-p")),
                    Map.entry("unzip ", Command.options("-P")),
                    Map.entry("zip ", Command.options("-P")),
                    Map.entry("7z ", Command.joined("-p")),
                    Map.entry("mosquitto_pub ", Command.options("-P")),
                    Map.entry("mosquitto_sub ", Command.options("-P")),
                    Map.entry("ipmitool ", Command.options("-P")),
                    Map.entry("xfreerdp ", Command.joined("/p:")),
                    Map.entry("plink ", Command.options("-pw")),
                    Map.entry("pscp ", Command.options("-pw")),
                    Map.entry("rabbitmqctl ", Command.behind("add_user", 2)),
                    Map.entry("htpasswd ", Command.behind("-b", 3)),
                    Map.entry("net user ", Command.behind("user", 2)),
                    Map.entry("curl ", Command.pairs("-u", "--user", "--proxy-user", "-U")),
                    Map.entry("wget ", Command.pairs("--user-pass")),
                    Map.entry("http ", Command.pairs("-a", "--auth")),
                    Map.entry("https ", Command.pairs("-a", "--auth")),
                    Map.entry("smbclient ", Command.pairs("-U")),
                    Map.entry("ncftpput ", Command.options("-p")),
                    Map.entry("lftp ", Command.pairs("-u")),
                    Map.entry(
                            "openssl ",
                            new Command(Set.of("-k", "-K"), Set.of("pass:"), Set.of(), "", 0)),
                    Map.entry("helm registry login ", Command.options("-p")),
                    Map.entry("oras login ", Command.options("-p")),
                    Map.entry("nerdctl login ", Command.options("-p")),
                    Map.entry("crane auth login ", Command.options("-p")),
                    Map.entry("snmpget ", Command.options("-A", "-X")),
                    Map.entry("snmpwalk ", Command.options("-A", "-X")),
                    Map.entry("kinit ", Command.options("-w")),
                    Map.entry("svn ", Command.options("--password")),
                    Map.entry("keytool ", Command.options("-storepass", "-keypass")),
                    Map.entry("sqlldr ", Command.pairs("")),
                    Map.entry("expdp ", Command.pairs("")),
                    Map.entry("impdp ", Command.pairs("")),
                    Map.entry("snyk auth ", Command.behind("auth", 1)),
                    Map.entry("az keyvault secret set ", Command.options("--value")),
                    Map.entry("psexec ", Command.options("-p")),
                    Map.entry("sentinel auth-pass ", Command.behind("auth-pass", 2)),
                    Map.entry("vault login ", Command.behind("login", 1)),
                    Map.entry("ngrok authtoken ", Command.behind("authtoken", 1)),
                    Map.entry("wsk property set ", Command.options("--auth")),
                    Map.entry("sqlplus ", Command.pairs("")));

    /// What manuals write in its place.
    private static final Set<String> PLAIN =
            Set.of("password", "passwd", "pass", "pwd", "secret", "token", "pw", "yourpassword");

    private CommandLines() {}

    static List<String> keywords() {
        return COMMANDS.keySet().stream().sorted().toList();
    }

    private record Word(int start, int end) {}

    /// The secret of the command that begins here, if it has one.
    static @Nullable Span at(String text, int start, String keyword, Mode mode) {
        if (start > 0 && namePart(text.charAt(start - 1))) {
            return null;
        }
        Command command = COMMANDS.get(keyword);
        return command == null ? null : secret(text, start, command, mode);
    }

    private static @Nullable Span secret(String text, int start, Command command, Mode mode) {
        List<Word> words = words(text, start);
        for (int i = 1; i < words.size(); i++) {
            String word = text.substring(words.get(i).start(), words.get(i).end());
            Word next = i + 1 < words.size() ? words.get(i + 1) : null;
            Word value = null;
            if (command.options().contains(word)) {
                value = next;
            } else if (command.pairs().contains(word)) {
                value = next == null ? null : secondOfPair(text, next);
            } else if (command.behind() > 0 && word.equals(command.verb())) {
                value =
                        i + command.behind() < words.size()
                                ? words.get(i + command.behind())
                                : null;
            } else {
                value = inWord(text, words.get(i), word, command);
            }
            if (value != null && secret(text, value, mode)) {
                return new Span(value.start(), value.end(), RULE);
            }
        }
        return null;
    }

    private static @Nullable Word inWord(String text, Word at, String word, Command command) {
        for (String option : command.joined()) {
            if (word.startsWith(option) && word.length() > option.length()) {
                int from = at.start() + option.length();
                return unquoted(
                        text, new Word(text.charAt(from) == '=' ? from + 1 : from, at.end()));
            }
        }
        for (String option : command.options()) {
            boolean close =
                    option.length() == 2
                            && word.startsWith(option)
                            && word.length() > 4
                            && command.joined().isEmpty()
                            && text.charAt(at.start() + 2) != '-';
            if (close) {
                int from = at.start() + 2;
                return unquoted(
                        text, new Word(text.charAt(from) == '=' ? from + 1 : from, at.end()));
            }
        }
        for (String option : command.pairs()) {
            if (option.startsWith("--") && word.startsWith(option + "=")) {
                return secondOfPair(
                        text, unquoted(text, new Word(at.start() + option.length() + 1, at.end())));
            }
            if (option.length() == 2 && word.startsWith(option) && word.length() > 5) {
                return secondOfPair(text, unquoted(text, new Word(at.start() + 2, at.end())));
            }
            if (option.isEmpty() && word.indexOf('/') > 0 && word.charAt(0) != '-') {
                int slash = at.start() + word.indexOf('/');
                int host = text.indexOf("@", slash, at.end());
                return new Word(slash + 1, host < 0 ? at.end() : host);
            }
        }
        return null;
    }

    private static @Nullable Word secondOfPair(String text, Word pair) {
        for (int i = pair.start() + 1; i < pair.end(); i++) {
            char c = text.charAt(i);
            if (c == ':' || c == '%' || c == ',') {
                return i + 1 < pair.end() ? new Word(i + 1, pair.end()) : null;
            }
        }
        return null;
    }

    private static Word unquoted(String text, Word word) {
        boolean quoted =
                word.end() - word.start() >= 2
                        && "\"'".indexOf(text.charAt(word.start())) >= 0
                        && text.charAt(word.end() - 1) == text.charAt(word.start());
        return quoted ? new Word(word.start() + 1, word.end() - 1) : word;
    }

    private static boolean secret(String text, Word word, Mode mode) {
        String value = text.substring(word.start(), word.end());
        if (value.length() < 3
                || PLAIN.contains(value.toLowerCase(java.util.Locale.ROOT))
                || value.startsWith("-")
                || value.startsWith("//")
                || value.startsWith("$")
                || (value.startsWith("%") && value.endsWith("%"))
                || (value.startsWith("@") && WordModel.chance(value) < 12)
                || Values.reference(value)) {
            return false;
        }
        return mode == Mode.REDACT
                || (value.length() >= 5
                        && !Values.placeholder(value)
                        && (Values.digits(value) > 0
                                || WordModel.chance(value) >= 6
                                || value.chars().anyMatch(c -> "!@#$%^&*+=?".indexOf(c) >= 0)));
    }

    /// The words of the command, without their quotes; a line that ends in `\` goes on.
    private static List<Word> words(String text, int start) {
        List<Word> words = new ArrayList<>();
        int limit = Math.min(text.length(), start + LONGEST);
        int at = start;
        while (at < limit && words.size() < MOST_WORDS) {
            char c = text.charAt(at);
            if (c == '\\'
                    && at + 1 < limit
                    && (text.charAt(at + 1) == '\n' || text.charAt(at + 1) == '\r')) {
                at += text.charAt(at + 1) == '\r' ? 3 : 2;
            } else if (c == '\n' || c == ';' || c == '|' || c == '&') {
                break;
            } else if (c <= ' ') {
                at++;
            } else {
                int end = wordEnd(text, at, limit);
                Word word = unquoted(text, new Word(at, end));
                words.add(word);
                at = Math.max(end, at + 1);
            }
        }
        return words;
    }

    private static int wordEnd(String text, int start, int limit) {
        char quote = 0;
        for (int i = start; i < limit; i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                return i;
            }
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                // A quote that opens in the middle and never closes ends the text around it.
                int close = text.indexOf(c, i + 1, limit);
                int line = text.indexOf('\n', i + 1, limit);
                if (close < 0 || (line >= 0 && line < close)) {
                    return i;
                }
                quote = c;
            } else if (c <= ' ' || c == ';' || c == '|' || c == '`' || c == '&' || c == '<') {
                return i;
            }
        }
        return limit;
    }

    private static boolean namePart(char c) {
        return c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.');
    }
}
