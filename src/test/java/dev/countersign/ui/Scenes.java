package dev.countersign.ui;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.CheckpointView;
import dev.countersign.api.EgressView;
import dev.countersign.api.PortView;
import dev.countersign.api.ReviewView;
import dev.countersign.api.RuleOffers;
import dev.countersign.api.SessionView;
import dev.countersign.domain.Answer;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.Tier;
import dev.countersign.domain.ToolCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A realistic afternoon: three sessions, one of them at work, with what it called, asked and
/// changed. All names are made up.
public final class Scenes {
    public static final SessionId VOUCHER = new SessionId("s-voucher");
    public static final SessionId EXPORT = new SessionId("s-export");
    public static final SessionId CLUSTER = new SessionId("s-cluster");

    /// A fixed afternoon, in the machine's zone of the tests.
    public static final Instant START = Instant.parse("2026-11-23T13:49:00Z");

    public static final Instant NOW = START.plusSeconds(14 * 60 + 37);

    private Scenes() {}

    static GuestText guest(String text) {
        return GuestText.of(text);
    }

    public static Instant at(int minute, int second) {
        return START.plusSeconds(minute * 60L + second);
    }

    public static SessionView session(
            SessionId id,
            String name,
            String directory,
            String agent,
            SessionState state,
            int waiting,
            int staged) {
        boolean running = state == SessionState.RUNNING;
        return new SessionView(
                id,
                name,
                directory,
                agent,
                guest(
                        "Customers can enter one voucher code at checkout. Percentage and fixed"
                                + " amount. Keep the totals right to the cent, with tests."),
                Mode.CHECKPOINT,
                Tier.VM,
                DataClass.INTERNAL,
                state,
                state == SessionState.FROZEN ? "by you, evidence kept" : null,
                running,
                running ? Boolean.TRUE : null,
                "warm",
                "kvm",
                0,
                waiting,
                staged,
                120,
                412_000,
                38_000,
                START,
                state == SessionState.RUNNING ? NOW : START.minusSeconds(1700));
    }

    /// Everything that the tests and the pictures show.
    public static FakeService afternoon() {
        FakeService service = new FakeService();
        service.put(
                session(
                        VOUCHER,
                        "Voucher codes",
                        "/home/dev/code/web-shop",
                        "Claude Code",
                        SessionState.RUNNING,
                        2,
                        9));
        service.put(
                session(
                        EXPORT,
                        "Order export",
                        "/home/dev/code/web-shop",
                        "Claude Code",
                        SessionState.REVIEW,
                        0,
                        17));
        service.put(
                session(
                        CLUSTER,
                        "Staging cluster",
                        "/home/dev/code/infra",
                        "Codex CLI",
                        SessionState.FROZEN,
                        0,
                        0));
        voucher(service);
        service.ask(push());
        service.ask(connect());
        service.stage(review(VOUCHER));
        service.stage(review(EXPORT));
        checkpoints(service);
        return service;
    }

    /// The entries of the session that is at work.
    public static void voucher(FakeService service) {
        Tape tape = new Tape(service, VOUCHER);
        tape.put(
                at(0, 0),
                new Fact.SessionOpened(
                        "/home/dev/code/web-shop",
                        "Claude Code",
                        Mode.CHECKPOINT,
                        Tier.VM,
                        DataClass.INTERNAL,
                        guest("Customers can enter one voucher code at checkout."),
                        "0.1.0"));
        tape.put(
                at(0, 2),
                new Fact.VmStarted("warm", "kvm", "restrict=on seen", Duration.ofMillis(1800)));
        tape.put(
                at(0, 3),
                new Fact.CheckpointTaken(
                        "c-1", "start", true, "session start", 12_000_000, Duration.ofMillis(300)));
        tape.put(
                at(1, 12),
                new Fact.PlanGranted(
                        "r-0", List.of(guest("src/checkout"), guest("src/cart")), digest("plan")));
        for (String path :
                List.of(
                        "src/checkout/index.ts",
                        "src/checkout/total.ts",
                        "src/cart/cart.ts",
                        "package.json")) {
            tape.call(
                    at(1, 14),
                    "read",
                    json("path", path),
                    Level.LOW,
                    DecidedBy.MODE,
                    "mode checkpoint");
            tape.returned(at(1, 14), false, "…");
        }
        tape.call(
                at(3, 31),
                "write",
                json("path", "src/checkout/voucher.ts"),
                Level.MEDIUM,
                DecidedBy.PLAN,
                "plan");
        tape.staged(at(3, 31), "src/checkout/voucher.ts", 84, 0);
        tape.returned(at(3, 32), false, "written");
        tape.put(
                at(6, 40),
                new Fact.CheckpointTaken(
                        "c-2",
                        "13:55",
                        true,
                        "before a high call",
                        48_000_000,
                        Duration.ofMillis(300)));
        tape.callAsked(
                at(6, 41),
                "bash",
                json("command", "curl -fsS https://rates.example.net/v1/eur.json -o rates.json"),
                Level.HIGH,
                "r-1",
                Answer.ALLOWED,
                Duration.ofSeconds(11));
        tape.returned(at(6, 53), false, "");
        tape.call(
                at(8, 5),
                "bash",
                json("command", "npm test -- --run checkout"),
                Level.LOW,
                DecidedBy.RULE,
                "npm test");
        tape.returned(at(8, 11), true, testOutput());
        tape.put(
                at(8, 13),
                new Fact.AgentSaid(
                        guest(
                                "The total is rounded before the voucher is applied. I will move"
                                        + " the rounding to the end and run the tests again.")));
        tape.call(
                at(9, 41),
                "edit",
                json("path", "src/checkout/total.ts"),
                Level.MEDIUM,
                DecidedBy.PLAN,
                "plan");
        tape.staged(at(9, 41), "src/checkout/total.ts", 3, 3);
        tape.returned(at(9, 42), false, "edited");
        tape.call(
                at(9, 58),
                "bash",
                json("command", "npm test -- --run checkout"),
                Level.LOW,
                DecidedBy.RULE,
                "npm test");
        tape.returned(at(10, 4), false, "Tests  40 passed (40)");
        tape.denied(
                at(11, 12),
                "bash",
                json("command", "git push --force origin main"),
                Level.CRITICAL,
                "policy.yaml:4",
                "history is shared");
        tape.flagged(at(12, 31), "bash", json("command", "npm run build"), Level.MEDIUM);
        tape.staged(at(12, 40), ".git/hooks/pre-commit", 4, 0);
        tape.returned(at(12, 41), false, "built in 9.8 s");
        tape.put(
                at(14, 7),
                new Fact.CheckpointTaken(
                        "c-3",
                        "14:03",
                        true,
                        "before a high call",
                        61_000_000,
                        Duration.ofMillis(300)));
        tape.waiting(
                at(14, 8),
                "bash",
                json(
                        "command",
                        "npm install --ignore-scripts left-pad@1.3.0 && npm test && git push"
                                + " origin feature/voucher-codes"),
                Level.HIGH,
                "r-2");
        tape.waiting(
                at(14, 21),
                "fetch",
                json("url", "https://docs.example.org/vouchers"),
                Level.MEDIUM,
                "r-3");
    }

    static String testOutput() {
        StringBuilder out = new StringBuilder();
        for (int i = 1; i <= 61; i++) {
            out.append(" ok    src/checkout/case-").append(i).append(".test.ts\n");
        }
        return out
                + " FAIL  src/checkout/total.test.ts > applies a percentage voucher after rounding\n"
                + "       expected 17.99 to be 18.00\n"
                + " FAIL  src/checkout/total.test.ts > never goes below zero\n"
                + "       expected -0.01 to be 0\n"
                + " \n"
                + " Tests  2 failed | 38 passed (40)   Duration  6.38s\n";
    }

    public static ApprovalView push() {
        String command =
                "npm install --ignore-scripts left-pad@1.3.0 && npm test && git push origin"
                        + " feature/voucher-codes";
        return new ApprovalView(
                "r-2",
                VOUCHER,
                "calls",
                "wants to install code and push to a remote",
                Level.HIGH,
                List.of(
                        new ApprovalView.Call(
                                guest("t-9"),
                                guest("bash"),
                                guest(json("command", command)),
                                guest(command),
                                List.of(
                                        words("npm install --ignore-scripts left-pad@1.3.0"),
                                        words("npm test"),
                                        words("git push origin feature/voucher-codes")),
                                null,
                                guest("/workspace"),
                                Level.HIGH,
                                List.of(
                                        "Installs a package that is not in the lock file",
                                        "Pushes feature/voucher-codes to the remote origin"),
                                List.of(
                                        "left-pad is not in the lock file, so new code would be"
                                                + " installed.",
                                        "A push leaves the VM."),
                                "mode checkpoint")),
                guest(
                        "I need left-pad to align the voucher codes on the printed receipt. The"
                                + " tests pass locally, so I will push the branch to let CI run."),
                List.of(
                        "Yes, inside the VM: by checkpoint 14:03.",
                        "Not the push. Once fetched by others, the commits stay out."),
                "boundary-enforced",
                digest("push"),
                at(14, 8),
                null,
                List.of(),
                "open",
                null,
                null,
                null,
                null);
    }

    /// Three calls of one answer, asked three times over.
    public static ApprovalView batch() {
        return new ApprovalView(
                "r-5",
                VOUCHER,
                "calls",
                "wants to install code, write a file that runs later and start services",
                Level.HIGH,
                List.of(
                        new ApprovalView.Call(
                                guest("t-31"),
                                guest("bash"),
                                guest(json("command", "npm ci --no-audit")),
                                guest("npm ci --no-audit"),
                                List.of(words("npm ci --no-audit")),
                                null,
                                guest("/workspace"),
                                Level.HIGH,
                                List.of("Installs what the lock file names"),
                                List.of("npm ci runs scripts of the packages."),
                                "mode checkpoint"),
                        new ApprovalView.Call(
                                guest("t-32"),
                                guest("write"),
                                guest(
                                        "{"
                                                + json("path", ".github/workflows/ci.yml")
                                                        .substring(1)
                                                        .replace("}", "")
                                                + ","
                                                + json("content", "on: push\njobs: {}\n")
                                                        .substring(1)),
                                null,
                                List.of(),
                                guest(".github/workflows/ci.yml"),
                                guest("/workspace"),
                                Level.HIGH,
                                List.of("Writes a definition that your CI runs"),
                                List.of("The file runs outside of the VM once you apply it."),
                                "policy.yaml:7"),
                        new ApprovalView.Call(
                                guest("t-33"),
                                guest("bash"),
                                guest(json("command", "docker compose up -d db")),
                                guest("docker compose up -d db"),
                                List.of(words("docker compose up -d db")),
                                null,
                                guest("/workspace"),
                                Level.MEDIUM,
                                List.of("Starts a container inside the VM"),
                                List.of("It starts what compose.yaml names."),
                                "mode checkpoint")),
                guest("I set up the test database and the pipeline."),
                List.of("Yes, inside the VM: by checkpoint 14:03."),
                "boundary-enforced",
                Digest.of("batch"),
                at(14, 5),
                at(19, 5),
                List.of(),
                "open",
                null,
                null,
                null,
                null,
                new ApprovalView.Equal(List.of("r-5", "r-6", "r-7"), Digest.of("all of it")),
                null,
                null);
    }

    /// Rules that would have covered [#batch()].
    public static RuleOffers offers() {
        return new RuleOffers(
                "r-5",
                List.of(
                        new RuleOffers.Offer(
                                List.of("allow: {tool: shell, argv: [npm, ci, --no-audit]}"),
                                List.of("run npm ci --no-audit, exactly so"),
                                false,
                                new RuleOffers.Effect(
                                        30,
                                        41,
                                        0,
                                        2,
                                        41,
                                        "In your last 30 sessions it would have run 41 calls that"
                                                + " you allowed and none that you denied")),
                        new RuleOffers.Offer(
                                List.of("allow: {tool: shell, argv: [npm, ci, ...]}"),
                                List.of("run npm ci with any options"),
                                true,
                                new RuleOffers.Effect(
                                        30,
                                        44,
                                        1,
                                        2,
                                        45,
                                        "In your last 30 sessions it would have run 44 calls that"
                                                + " you allowed and 1 that you denied"))),
                null);
    }

    /// [#migrate()] that wants a proof beside the answer.
    public static ApprovalView proven(ApprovalView.Proof proof) {
        ApprovalView like = migrate();
        return new ApprovalView(
                like.id(),
                like.session(),
                like.kind(),
                like.title(),
                like.level(),
                like.calls(),
                like.agentText(),
                like.undo(),
                like.gate(),
                like.digest(),
                like.opened(),
                like.deadline(),
                like.planDirectories(),
                "open",
                null,
                null,
                null,
                null,
                null,
                proof,
                null);
    }

    public static ApprovalView connect() {
        return new ApprovalView(
                "r-3",
                VOUCHER,
                "calls",
                "wants to read a page of a new host",
                Level.MEDIUM,
                List.of(
                        new ApprovalView.Call(
                                guest("t-10"),
                                guest("fetch"),
                                guest(json("url", "https://docs.example.org/vouchers")),
                                null,
                                List.of(),
                                null,
                                guest("/workspace"),
                                Level.MEDIUM,
                                List.of("Connects to docs.example.org:443"),
                                List.of("First use of this host."),
                                "mode checkpoint")),
                guest("I want to look up how vouchers are described."),
                List.of("Yes, inside the VM: by checkpoint 14:03."),
                "boundary-enforced",
                digest("connect"),
                at(14, 21),
                NOW.plusSeconds(284),
                List.of(),
                "open",
                null,
                null,
                null,
                null);
    }

    /// Hosts that the guest asked for, one of each kind of answer, a port, and what waits.
    public static void network(FakeService service) {
        Tape tape = new Tape(service, VOUCHER);
        GuestText npm = guest("npm install");
        GuestText curl = guest("curl -fsS https://rates.example.net/v1/eur.json");
        connection(tape, 1, at(5, 2), "packages.example.org", "registry", npm, 41_000, 22_400_000);
        tape.put(
                at(6, 52),
                new Fact.HostsGranted("r-1", List.of("rates.example.net:443"), "session", null));
        connection(tape, 2, at(6, 53), "rates.example.net", "granted", curl, 600, 14_000);
        connection(tape, 3, at(7, 10), "git.example.org", "rule-allow", null, 9_000, 1_100_000);
        refusal(tape, 4, at(8, 1), "telemetry.example.net", 443, "person-denied");
        refusal(tape, 5, at(8, 2), "paste.example.net", 443, "rule-deny");
        refusal(tape, 6, at(9, 30), "169.254.169.254", 80, "metadata");
        tape.put(at(13, 5), new Fact.PortNoticed(5173, guest("node")));
        tape.put(
                at(14, 21),
                new Fact.ConnectionHeld(7, "docs.example.org", 443, guest("CONNECT"), curl));
        service.granted.add(
                new EgressView.Host("rates.example.net:443", "session", at(6, 52), null, "r-1"));
        service.ports.add(new PortView(5173, null, guest("node")));
        service.ask(hosts());
    }

    private static void connection(
            Tape tape,
            long number,
            Instant at,
            String host,
            String reason,
            @Nullable GuestText process,
            long sent,
            long received) {
        tape.put(
                at,
                new Fact.ConnectionDecided(
                        number,
                        host,
                        443,
                        guest("CONNECT"),
                        true,
                        reason,
                        "Countersign: %s:443 was allowed (%s).".formatted(host, reason),
                        "203.0.113.24",
                        List.of(),
                        process));
        tape.put(
                at.plusMillis(1200),
                new Fact.ConnectionEnded(number, host, 443, "closed", sent, received));
    }

    private static void refusal(
            Tape tape, long number, Instant at, String host, int port, String reason) {
        tape.put(
                at,
                new Fact.ConnectionDecided(
                        number,
                        host,
                        port,
                        guest("CONNECT"),
                        false,
                        reason,
                        "Countersign: %s:%d was refused (%s).".formatted(host, port, reason),
                        null,
                        List.of(),
                        null));
    }

    /// A question about two hosts.
    public static ApprovalView hosts() {
        List<ApprovalView.Call> calls = new ArrayList<>();
        for (String host : List.of("docs.example.org", "cdn.example.org")) {
            calls.add(
                    new ApprovalView.Call(
                            guest(host + ":443"),
                            guest("connect"),
                            guest(
                                    "{\"host\":\"%s\",\"port\":443,\"method\":\"CONNECT\",\"process (as the guest claims)\":\"npm install\"}"
                                            .formatted(host)),
                            null,
                            List.of(),
                            null,
                            guest("the guest"),
                            Level.HIGH,
                            List.of("Can send anything that is in the VM"),
                            List.of("No rule names this host."),
                            "preset packages"));
        }
        return new ApprovalView(
                "r-docs",
                VOUCHER,
                "hosts",
                "wants to reach 2 hosts",
                Level.HIGH,
                calls,
                guest(""),
                List.of("What is sent to a host can\u2019t be taken back."),
                "boundary-enforced",
                digest("hosts"),
                at(14, 21),
                NOW.plusSeconds(30),
                List.of(),
                "open",
                null,
                null,
                null,
                null);
    }

    public static ApprovalView migrate() {
        String command = "npm run migrate -- --env staging";
        return new ApprovalView(
                "r-9",
                VOUCHER,
                "calls",
                "wants to change the staging database",
                Level.CRITICAL,
                List.of(
                        new ApprovalView.Call(
                                guest("t-19"),
                                guest("bash"),
                                guest(json("command", command)),
                                guest(command),
                                List.of(words(command)),
                                null,
                                guest("/workspace"),
                                Level.CRITICAL,
                                List.of("Leaves the VM"),
                                List.of(
                                        "Connects to db.staging.example.org:5432, outside the VM.",
                                        "Runs db/migrations/0042_vouchers.sql, new in this"
                                                + " session."),
                                "policy.yaml:5")),
                guest(
                        "The table is missing on staging, so the preview can not start. I will run"
                                + " the migration there."),
                List.of("No. Checkpoint 14:09 takes the VM back, not the database."),
                "boundary-enforced",
                digest("migrate"),
                NOW,
                null,
                List.of(),
                "open",
                null,
                null,
                null,
                null);
    }

    public static ApprovalView plan() {
        String content =
                "export type Voucher =\n"
                        + "  | { kind: \"percent\"; code: string; percent: number }\n"
                        + "  | { kind: \"fixed\"; code: string; cents: number };\n\n"
                        + "export function parse(text: string): Voucher | undefined {\n".repeat(20);
        return new ApprovalView(
                "r-0",
                VOUCHER,
                "plan",
                "has a plan, and 2 calls to start it",
                Level.MEDIUM,
                List.of(
                        new ApprovalView.Call(
                                guest("t-1"),
                                guest("write"),
                                guest(
                                        "{\"path\":\"src/checkout/voucher.ts\",\"content\":"
                                                + quoted(content)
                                                + "}"),
                                null,
                                List.of(),
                                guest("src/checkout/voucher.ts"),
                                guest("/workspace"),
                                Level.MEDIUM,
                                List.of("Writes src/checkout/voucher.ts"),
                                List.of("Changes a file of the workspace."),
                                "mode checkpoint"),
                        new ApprovalView.Call(
                                guest("t-2"),
                                guest("bash"),
                                guest(json("command", "npm test -- --run checkout")),
                                guest("npm test -- --run checkout"),
                                List.of(words("npm test -- --run checkout")),
                                null,
                                guest("/workspace"),
                                Level.LOW,
                                List.of(),
                                List.of(),
                                "policy.yaml:9")),
                guest(
                        "I read the checkout and cart code. This is how I would add voucher"
                                + " codes:\n\n"
                                + "1. Add src/checkout/voucher.ts with parsing and validation of a"
                                + " code.\n"
                                + "2. Apply the voucher in src/checkout/total.ts, before"
                                + " rounding.\n"
                                + "3. Cover percentage, fixed amount, expired and unknown codes in"
                                + " voucher.test.ts.\n"
                                + "4. Store used codes in a new table:"
                                + " db/migrations/0042_vouchers.sql.\n"
                                + "5. Run the checkout tests, then build, then push"
                                + " feature/voucher-codes."),
                List.of(
                        "Yes: checkpoint start was made when the session started. Your tree on the"
                                + " host changes only when you apply."),
                "boundary-enforced",
                digest("plan"),
                at(0, 50),
                null,
                List.of(guest("src/checkout"), guest("src/cart")),
                "open",
                null,
                null,
                null,
                null);
    }

    public static ReviewView review(SessionId session) {
        List<ReviewView.File> files = new ArrayList<>();
        files.add(
                file(
                        "package.json",
                        "edited",
                        Level.HIGH,
                        true,
                        List.of(
                                "New scripts.postinstall: every npm install on the host would run"
                                        + " node scripts/fetch-fonts.js."),
                        hunk(
                                "h-pkg-1",
                                6,
                                6,
                                " \"scripts\": {",
                                "   \"build\": \"vite build\",",
                                "+  \"postinstall\": \"node scripts/fetch-fonts.js\",",
                                "   \"test\": \"vitest\"",
                                " },"),
                        hunk(
                                "h-pkg-2",
                                20,
                                21,
                                " \"dependencies\": {",
                                "+  \"csv-stringify\": \"6.5.2\",",
                                "+  \"iconv-lite\": \"0.6.3\",",
                                "   \"express\": \"5.1.0\",")));
        files.add(
                file(
                        ".github/workflows/ci.yml",
                        "edited",
                        Level.HIGH,
                        true,
                        List.of("A definition that your CI runs."),
                        hunk(
                                "h-ci",
                                12,
                                12,
                                "-      - run: npm test",
                                "+      - run: npm test -- --ci")));
        files.add(
                file(
                        "src/export/format.ts",
                        "edited",
                        Level.MEDIUM,
                        false,
                        List.of(),
                        hunk(
                                "h-fmt-1",
                                31,
                                31,
                                " export function cents(n: number) {",
                                "-  return (n / 100).toFixed(2);",
                                "+  return formatter.format(n / 100);",
                                " }"),
                        hunk(
                                "h-fmt-2",
                                48,
                                48,
                                "-const SEPARATOR = \",\";",
                                "+const SEPARATOR = \";\";",
                                "+const BOM = \"\uFEFF\";",
                                " const EOL = \"\\r\\n\";")));
        files.add(
                file(
                        "src/export/csv.ts",
                        "created",
                        Level.MEDIUM,
                        false,
                        List.of(),
                        hunk(
                                "h-csv",
                                0,
                                1,
                                "+import { stringify } from \"csv-stringify\";",
                                "+",
                                "+export function rows(orders: Order[]): string {",
                                "+  return stringify(orders.map((order) => [order.id, order.date,"
                                        + " order.customer.name, order.total, order.currency,"
                                        + " order.voucher?.code ?? \"\"]));",
                                "+}")));
        files.add(
                file(
                        "docs/export.md",
                        "edited",
                        Level.LOW,
                        false,
                        List.of(),
                        hunk(
                                "h-doc",
                                3,
                                3,
                                "-The export is a table.",
                                "+The export is a CSV file.")));
        return new ReviewView("rv-1", session, files);
    }

    /// A file that both sides changed, and one that moved.
    public static ReviewView conflicted(SessionId session) {
        String base = "rate: 19\nround: up\ncurrency: EUR\n";
        String host = "rate: 21\nround: up\ncurrency: EUR\n";
        String agent = "rate: 20\nround: even\ncurrency: EUR\n";
        ReviewView.Conflict sides =
                new ReviewView.Conflict(
                        "d-1",
                        guest(base),
                        guest(host),
                        guest(agent),
                        guest(
                                """
                                <<<<<<< host
                                rate: 21
                                round: up
                                ||||||| base
                                rate: 19
                                round: up
                                =======
                                rate: 20
                                round: even
                                >>>>>>> agent
                                currency: EUR
                                """),
                        null);
        ReviewView.Hunk both =
                new ReviewView.Hunk(
                        "h-tax",
                        "conflict",
                        1,
                        2,
                        1,
                        2,
                        List.of(
                                new ReviewView.Line("removed", guest("rate: 19")),
                                new ReviewView.Line("added", guest("rate: 20"))),
                        null);
        return new ReviewView(
                "rv-c",
                session,
                List.of(
                        new ReviewView.File(
                                guest("config/tax.yaml"),
                                "conflict",
                                Level.MEDIUM,
                                List.of(),
                                false,
                                1,
                                1,
                                List.of(both),
                                null,
                                null,
                                null,
                                sides),
                        new ReviewView.File(
                                guest("src/export/table.ts"),
                                "moved",
                                Level.MEDIUM,
                                List.of(),
                                false,
                                1,
                                0,
                                List.of(hunk("h-mv", 0, 1, "+export const table = 1;")),
                                guest("src/table.ts"),
                                null,
                                "a header that says so",
                                null)));
    }

    static ReviewView.File file(
            String path,
            String change,
            Level level,
            boolean runs,
            List<String> reasons,
            ReviewView.Hunk... hunks) {
        int added = 0;
        int removed = 0;
        for (ReviewView.Hunk hunk : hunks) {
            for (ReviewView.Line line : hunk.lines()) {
                added += line.kind().equals("added") ? 1 : 0;
                removed += line.kind().equals("removed") ? 1 : 0;
            }
        }
        return new ReviewView.File(
                guest(path), change, level, reasons, runs, added, removed, List.of(hunks));
    }

    static ReviewView.Hunk hunk(String id, int oldStart, int newStart, String... lines) {
        List<ReviewView.Line> all = new ArrayList<>();
        int old = 0;
        int now = 0;
        for (String line : lines) {
            String kind =
                    switch (line.charAt(0)) {
                        case '+' -> "added";
                        case '-' -> "removed";
                        default -> "context";
                    };
            old += kind.equals("added") ? 0 : 1;
            now += kind.equals("removed") ? 0 : 1;
            all.add(new ReviewView.Line(kind, guest(line.substring(1))));
        }
        return new ReviewView.Hunk(id, "new", oldStart, old, newStart, now, all, null);
    }

    static void checkpoints(FakeService service) {
        service.checkpoint(
                VOUCHER,
                new CheckpointView(
                        "c-1", "start", true, "session start", at(0, 3), 0, 2, 12_000_000));
        service.checkpoint(
                VOUCHER,
                new CheckpointView(
                        "c-2", "13:55", true, "before a high call", at(6, 40), 0, 30, 48_000_000));
        service.checkpoint(
                VOUCHER,
                new CheckpointView(
                        "c-3", "14:03", true, "before a high call", at(14, 7), 0, 62, 61_000_000));
    }

    static List<GuestText> words(String command) {
        List<GuestText> words = new ArrayList<>();
        for (String word : List.of(command.split(" "))) {
            words.add(guest(word));
        }
        return words;
    }

    static Digest digest(String of) {
        return Digest.of(of);
    }

    static String json(String name, String value) {
        return "{\"" + name + "\":" + quoted(value) + "}";
    }

    static String quoted(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    /// Writes calls with all that becomes of them.
    public static final class Tape {
        private final FakeService service;
        private final SessionId session;
        private int calls;
        private GuestText last = guest("t-0");

        public Tape(FakeService service, SessionId session) {
            this.service = service;
            this.session = session;
        }

        public void put(Instant at, Fact fact) {
            service.record(session, at, fact);
        }

        private void open(Instant at, String tool, String json, Level level, String rule) {
            last = guest("t-" + ++calls);
            ToolCall call = new ToolCall(last, guest(tool), guest(json), guest("/workspace"));
            put(at, new Fact.Called(call, call.digest(), "gateway", null));
            put(at, new Fact.Judged(last, level, List.of(), List.of(), rule));
        }

        private void decided(
                Instant at,
                Answer answer,
                DecidedBy by,
                Level level,
                String rule,
                @Nullable String request,
                @Nullable String note,
                boolean flagged) {
            put(
                    at,
                    new Fact.Decided(
                            last,
                            answer,
                            by,
                            level,
                            rule,
                            request,
                            null,
                            note == null ? null : guest(note),
                            null,
                            flagged ? Boolean.TRUE : null));
        }

        public void call(
                Instant at, String tool, String json, Level level, DecidedBy by, String rule) {
            open(at, tool, json, level, rule);
            decided(at, Answer.ALLOWED, by, level, rule, null, null, false);
            put(at, new Fact.Released(last));
        }

        public void flagged(Instant at, String tool, String json, Level level) {
            open(at, tool, json, level, "plan");
            decided(at, Answer.ALLOWED, DecidedBy.PLAN, level, "plan", null, null, true);
            put(at, new Fact.Released(last));
        }

        public void denied(
                Instant at, String tool, String json, Level level, String rule, String note) {
            open(at, tool, json, level, rule);
            decided(at, Answer.DENIED, DecidedBy.RULE, level, rule, null, note, false);
        }

        public void callAsked(
                Instant at,
                String tool,
                String json,
                Level level,
                String request,
                Answer answer,
                Duration waited) {
            waiting(at, tool, json, level, request);
            Instant then = at.plus(waited);
            decided(then, answer, DecidedBy.PERSON, level, "mode checkpoint", request, null, false);
            if (answer == Answer.ALLOWED) {
                put(then, new Fact.Released(last));
            }
        }

        public void waiting(Instant at, String tool, String json, Level level, String request) {
            open(at, tool, json, level, "mode checkpoint");
            put(at, new Fact.Asked(request, "calls", List.of(last), level, digest(request)));
        }

        public void returned(Instant at, boolean error, String output) {
            put(at, new Fact.Returned(last, error, guest(output), output.length()));
        }

        public void staged(Instant at, String path, int added, int removed) {
            put(at, new Fact.Staged(guest(path), "edited", added, removed, null));
        }
    }
}
