package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Arguments.Used;
import java.util.List;
import java.util.regex.Pattern;

/// pwsh(1): its text is another language, so that it is never below `high`; what shows that it
/// sends, reads secrets, removes trees or runs what it fetched or decoded is critical.
final class PowerShell {
    private static final Pattern FETCHES =
            Pattern.compile(
                    "(?i)\\b(iwr|irm|curl|wget|invoke-webrequest|invoke-restmethod|downloadstring|downloadfile|start-bitstransfer|net\\.webclient)\\b");
    private static final Pattern RUNS =
            Pattern.compile(
                    "(?i)\\b(iex|invoke-expression|invoke-command|start-process|add-type|\\[scriptblock]::create)\\b|\\|\\s*(sh|bash|pwsh|powershell)\\b|&\\s*[$({]");
    private static final Pattern SENDS =
            Pattern.compile(
                    "(?i)-method\\s+['\"]?(post|put|patch|delete)|-body\\b|-infile\\b|uploadstring|uploadfile|send-mailmessage|net\\.sockets|new-pssession|enter-pssession|-computername\\b");
    private static final Pattern DECODES =
            Pattern.compile("(?i)frombase64string|-enc\\w*\\s|gzipstream|deflatestream|-bxor\\b");
    private static final Pattern REMOVES =
            Pattern.compile(
                    "(?i)\\b(remove-item|ri|rm|del|rmdir|rd|erase)\\b[^;|\\n]*(\\s|['\"])(/|~|\\$home|\\$env:\\w+|\\.|\\*|[a-z]:\\\\?|\\.git|/home|/etc)/?\\*?['\"]?(\\s|;|$)");
    private static final Pattern SECRETS =
            Pattern.compile(
                    "(?i)\\$env:\\w*(token|secret|password|passwd|api_?key|access_?key|credential)|get-credential|convertfrom-securestring|\\.ssh\\b|\\.aws\\b|\\.env\\b|\\.netrc|id_rsa|id_ed25519");
    private static final Pattern GUARD =
            Pattern.compile(
                    "(?i)set-mppreference|set-executionpolicy|disable-\\w+firewall|countersign");

    private final CodeText text;
    private final Interpreters interpreters;

    PowerShell(CodeText text, Interpreters interpreters) {
        this.text = text;
        this.interpreters = interpreters;
    }

    void rate(Invocation call, Arguments args, Findings own) {
        boolean told = false;
        for (Used option : args.options()) {
            Word value = option.value();
            String name = option.name().toLowerCase(java.util.Locale.ROOT);
            if (value == null) {
                continue;
            }
            if (name.matches("--?e(c|n.*)?")) {
                own.add(Level.CRITICAL, "run.hidden", "runs PowerShell text that is encoded");
                told = true;
            } else if (name.matches("--?f(ile)?")) {
                interpreters.script(call, value, own);
                told = true;
            } else if (name.matches("--?c(o.*|wa)?")) {
                List<Word> all = call.arguments();
                int at = all.indexOf(value);
                code(
                        call,
                        at < 0
                                ? value
                                : value.withText(
                                        String.join(
                                                " ",
                                                all.subList(at, all.size()).stream()
                                                        .map(Word::text)
                                                        .toList())),
                        own);
                told = true;
            }
        }
        List<Word> words = args.positionals();
        if (!told && !words.isEmpty()) {
            if (words.getFirst().text().endsWith(".ps1")) {
                interpreters.script(call, words.getFirst(), own);
            } else {
                code(call, words.getFirst(), own);
            }
        } else if (!told && call.stdin().connected()) {
            String literal = call.stdin().origin().literal();
            if (literal == null) {
                CodeText.unknown(call.stdin().origin(), "PowerShell text", own);
            } else {
                code(call, Word.of(literal), own);
            }
        }
    }

    private void code(Invocation call, Word word, Findings own) {
        String code = word.text();
        own.add(Level.HIGH, "run.code", "runs PowerShell text");
        CodeHints.check(code, own);
        boolean fetches = FETCHES.matcher(code).find();
        boolean runs = RUNS.matcher(code).find();
        if (fetches && runs) {
            own.add(Level.CRITICAL, "run.remote", "runs what it got over the network");
        }
        if (DECODES.matcher(code).find()) {
            own.add(Level.CRITICAL, "run.hidden", "decodes what it uses");
        }
        if (SENDS.matcher(code).find()) {
            own.add(Level.CRITICAL, "net.send", "sends data out of the VM");
        }
        if (REMOVES.matcher(code).find()) {
            own.add(Level.CRITICAL, "delete.system", "removes whole trees");
        }
        if (SECRETS.matcher(code).find()) {
            own.add(Level.CRITICAL, "secrets.read", "reads secrets");
        }
        if (GUARD.matcher(code).find()) {
            own.add(Level.CRITICAL, "guard.tamper", "changes what guards the machine");
        }
        text.code(call, word, own);
    }
}
