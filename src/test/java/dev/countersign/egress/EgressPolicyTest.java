package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.egress.Decision.Verdict;
import dev.countersign.gate.policy.EgressRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EgressPolicyTest {
    private static final EgressPolicy POLICY =
            EgressPolicy.of(
                    new EgressRules(
                            "packages",
                            List.of(
                                    "docs.example.org",
                                    "*.example.net",
                                    "mirror.example.net:8443",
                                    "build.internal"),
                            List.of("paste.example.net"),
                            List.of("127.0.0.1:8443", "10.1.2.3:5432", "169.254.169.254:80")));

    @ParameterizedTest(name = "{0}:{1} is {2} because of {3}")
    @CsvSource(
            nullValues = "-",
            value = {
                "docs.example.org,443,ALLOW,RULE_ALLOW,docs.example.org",
                "DOCS.Example.ORG.,443,ALLOW,RULE_ALLOW,docs.example.org",
                "docs.example.org,80,ALLOW,RULE_ALLOW,docs.example.org",
                "docs.example.org,8443,DENY,PORT_NOT_NAMED,docs.example.org",
                "docs.example.org,22,DENY,PORT_NOT_NAMED,docs.example.org",
                "docs.example.org,0,DENY,PORT_INVALID,docs.example.org",
                "docs.example.org,65979,DENY,PORT_INVALID,docs.example.org",
                "docs.example.org,-1,DENY,PORT_INVALID,docs.example.org",
                "a.example.net,443,ALLOW,RULE_ALLOW,a.example.net",
                "a.b.example.net,443,ALLOW,RULE_ALLOW,a.b.example.net",
                "example.net,443,ASK,UNKNOWN_HOST,example.net",
                "evilexample.net,443,ASK,UNKNOWN_HOST,evilexample.net",
                "example.net.evil.org,443,ASK,UNKNOWN_HOST,example.net.evil.org",
                "xdocs.example.org,443,ASK,UNKNOWN_HOST,xdocs.example.org",
                "paste.example.net,443,DENY,RULE_DENY,paste.example.net",
                "PASTE.example.net.,443,DENY,RULE_DENY,paste.example.net",
                "mirror.example.net,8443,ALLOW,RULE_ALLOW,mirror.example.net",
                "other.example.net,8443,DENY,PORT_NOT_NAMED,other.example.net",
                "build.internal,443,ALLOW,RULE_ALLOW,build.internal",
                "other.internal,443,DENY,HOST_LOCAL,other.internal",
                "metadata.google.internal,80,DENY,METADATA,metadata.google.internal",
                "localhost,80,DENY,HOST_LOCAL,localhost",
                "localhost,8443,ALLOW,RULE_PRIVATE,localhost",
                "printer,80,DENY,HOST_LOCAL,printer",
                "nas.local,443,DENY,HOST_LOCAL,nas.local",
                "hidden.onion,443,DENY,HOST_LOCAL,hidden.onion",
                "127.0.0.1,8443,ALLOW,RULE_PRIVATE,127.0.0.1",
                "127.0.0.1,8444,DENY,IP_LOOPBACK,127.0.0.1",
                "0x7f.1,8443,DENY,IP_SPELLING,127.0.0.1",
                "2130706433,8443,DENY,IP_SPELLING,127.0.0.1",
                "0177.0.0.1,80,DENY,IP_SPELLING,127.0.0.1",
                "127.1,80,DENY,IP_SPELLING,127.0.0.1",
                "127.0.0.1.,80,DENY,IP_SPELLING,127.0.0.1",
                "0x7f000001,80,DENY,IP_SPELLING,127.0.0.1",
                "10.1.2.3,5432,ALLOW,RULE_PRIVATE,10.1.2.3",
                "10.1.2.4,5432,DENY,IP_PRIVATE,10.1.2.4",
                "172.31.255.255,443,DENY,IP_PRIVATE,172.31.255.255",
                "192.168.5.2,443,DENY,IP_PRIVATE,192.168.5.2",
                "100.64.0.1,443,DENY,IP_CGNAT,100.64.0.1",
                "169.254.1.1,80,DENY,IP_LINK_LOCAL,169.254.1.1",
                "169.254.169.254,80,DENY,METADATA,169.254.169.254",
                "0xa9fea9fe,80,DENY,METADATA,169.254.169.254",
                "168.63.129.16,80,DENY,METADATA,168.63.129.16",
                "0.0.0.0,80,DENY,IP_UNSPECIFIED,0.0.0.0",
                "224.0.0.1,443,DENY,IP_MULTICAST,224.0.0.1",
                "255.255.255.255,443,DENY,IP_MULTICAST,255.255.255.255",
                "198.18.0.1,443,DENY,IP_RESERVED,198.18.0.1",
                "8.8.8.8,443,DENY,IP_LITERAL,8.8.8.8",
                "256.1.1.1,443,DENY,HOST_MALFORMED,256.1.1.1",
                "1.2.3.4.5,443,DENY,HOST_MALFORMED,1.2.3.4.5",
                "08.8.8.8,443,DENY,HOST_MALFORMED,08.8.8.8",
                "[::1],443,DENY,IP_LOOPBACK,::1",
                "::1,443,DENY,IP_LOOPBACK,::1",
                "[::],443,DENY,IP_UNSPECIFIED,::",
                "[::ffff:127.0.0.1],443,DENY,IP_EMBEDDED,::ffff:7f00:1",
                "[::ffff:169.254.169.254],80,DENY,METADATA,::ffff:a9fe:a9fe",
                "[::127.0.0.1],443,DENY,IP_EMBEDDED,::7f00:1",
                "[64:ff9b::10.0.0.1],443,DENY,IP_EMBEDDED,64:ff9b::a00:1",
                "[2002:7f00:1::],443,DENY,IP_EMBEDDED,2002:7f00:1::",
                "[2001:0:1::1],443,DENY,IP_EMBEDDED,2001:0:1::1",
                "[2606:4700::5efe:10.0.0.1],443,DENY,IP_EMBEDDED,2606:4700::5efe:a00:1",
                "[fe80::1],443,DENY,IP_LINK_LOCAL,fe80::1",
                "[fd00:ec2::254],80,DENY,METADATA,fd00:ec2::254",
                "[fc00::1],443,DENY,IP_PRIVATE,fc00::1",
                "[ff02::1],443,DENY,IP_MULTICAST,ff02::1",
                "[2606:4700::1],443,DENY,IP_LITERAL,2606:4700::1",
                "[fe80::1%eth0],443,DENY,HOST_PERCENT,-",
                "[::1,443,DENY,HOST_MALFORMED,-",
                "[1:2:3],443,DENY,HOST_MALFORMED,-",
                "[::1::],443,DENY,HOST_MALFORMED,-",
                "user@docs.example.org,443,DENY,HOST_USERINFO,-",
                "docs.example.org%00.evil.org,443,DENY,HOST_PERCENT,-",
                "docs.example.org/x,443,DENY,HOST_MALFORMED,-",
                "docs.example.org#x,443,DENY,HOST_MALFORMED,-",
                "docs.example.org\\x,443,DENY,HOST_MALFORMED,-",
                "docs.example.org:443,443,DENY,HOST_MALFORMED,-",
                "docs..example.org,443,DENY,HOST_MALFORMED,-",
                "docs.example.org..,443,DENY,HOST_MALFORMED,-",
                ".docs.example.org,443,DENY,HOST_MALFORMED,-",
                "*.example.net,443,DENY,HOST_MALFORMED,-",
                "-a.example.net,443,DENY,HOST_MALFORMED,-",
                "xn--a.example.net,443,DENY,HOST_IDN,-",
                "127.0.0.1.nip.io,443,ASK,UNKNOWN_HOST,127.0.0.1.nip.io",
            })
    void decidesByTheCanonicalHost(
            String host, int port, Verdict verdict, Reason reason, String canonical) {
        Decision decision = POLICY.check(host, port);
        assertThat(decision.verdict()).isEqualTo(verdict);
        assertThat(decision.reason()).isEqualTo(reason);
        if (canonical != null) {
            assertThat(decision.host()).isEqualTo(canonical);
        }
    }

    private static final EgressPolicy LISTED =
            EgressPolicy.of(
                    new EgressRules(
                            "packages",
                            List.of(
                                    "docs.example.org",
                                    "*.example.net",
                                    "mirror.example.net:8443",
                                    "api.example.com:8443",
                                    "assets.example-cdn.net",
                                    "build.internal",
                                    "xn--bcher-kva.example"),
                            List.of("paste.example.net", "*.files.example.net"),
                            List.of("127.0.0.1:8443", "10.1.2.3:5432")));

    /// Every class of bypass that is known, each with its near miss: `egress-cases.tsv`.
    static Stream<List<String>> cases() throws IOException {
        try (InputStream in = EgressPolicyTest.class.getResourceAsStream("egress-cases.tsv")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.startsWith("#"))
                            .map(line -> List.of(line.split("\t", -1)))
                            .toList()
                            .stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void refusesFirstAndMatchesSecond(List<String> row) {
        Matcher unit = Pattern.compile("\\\\(?:u([0-9a-f]{4})|\\\\)").matcher(row.get(1));
        String host =
                unit.replaceAll(found ->
                        Matcher.quoteReplacement(
                                found.group(1) == null
                                        ? "\\"
                                        : String.valueOf(
                                                (char) Integer.parseInt(found.group(1), 16))));
        Decision decision = LISTED.check(host, Integer.parseInt(row.get(2)));
        assertThat(decision.verdict().name().toLowerCase(Locale.ROOT)).isEqualTo(row.get(3));
        if (!row.get(4).equals("-")) {
            assertThat(decision.reason().code()).isEqualTo(row.get(4));
        }
        if (!row.get(5).equals("-")) {
            assertThat(decision.host()).isEqualTo(row.get(5));
        }
    }

    @Test
    void controlCharactersAndForeignDotsNeverReachARule() {
        for (String host :
                List.of(
                        "docs.example.org\0.evil.org",
                        "evil.org\r\nHost: docs.example.org",
                        "docs.example.org ",
                        " docs.example.org",
                        "docs.example.org\t",
                        "docs.example.org\u00a0",
                        "docs.example.org\u2028",
                        "docs.example.org\u200b",
                        "")) {
            assertThat(POLICY.check(host, 443).verdict()).as(host).isEqualTo(Verdict.DENY);
        }
        assertThat(POLICY.check("docs\u3002example\u3002org", 443).host())
                .isEqualTo("docs.example.org");
        assertThat(POLICY.check("\uff11\uff12\uff17.0.0.1", 80).reason())
                .isEqualTo(Reason.IP_SPELLING);
        assertThat(POLICY.check("fa\u00df.example.net", 443).reason()).isEqualTo(Reason.HOST_IDN);
        assertThat(POLICY.check("b\u00fccher.example.net", 443).host())
                .isEqualTo("xn--bcher-kva.example.net");
    }

    @Test
    void presetsSayWhatHappensToNamesThatNoRuleKnows() {
        assertThat(with("locked").check("a.example.com", 443).reason())
                .isEqualTo(Reason.PRESET_LOCKED);
        assertThat(with("packages").check("a.example.com", 443).verdict()).isEqualTo(Verdict.ASK);
        assertThat(with(null).check("a.example.com", 443).verdict()).isEqualTo(Verdict.ASK);
        assertThat(with("web").check("a.example.com", 443).reason()).isEqualTo(Reason.PRESET_WEB);
        assertThat(with("web").check("a.example.com", 22).verdict()).isEqualTo(Verdict.DENY);
        assertThat(with("web").check("127.0.0.1", 80).verdict()).isEqualTo(Verdict.DENY);
        assertThat(with("web").check("nas.local", 80).verdict()).isEqualTo(Verdict.DENY);
    }

    private static EgressPolicy with(@Nullable String preset) {
        return EgressPolicy.of(new EgressRules(preset, List.of(), List.of(), List.of()));
    }
}
