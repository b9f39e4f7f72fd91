package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.egress.Origin.Kind;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuestClientsTest {
    private static Origin origin(String id, Kind kind, String scope) {
        return new Origin(
                id, kind, URI.create("https://u:hidden@mirror.example.org/" + id), "hidden", scope);
    }

    @Test
    void everyClientIsSetUpWithTheGatewayAndNothingElse() {
        Map<String, String> texts =
                new GuestClients(
                                new Origins(
                                        List.of(
                                                origin("npm", Kind.NPM, ""),
                                                origin("npm.1", Kind.NPM, "@acme"),
                                                origin("pypi", Kind.PYPI, ""),
                                                origin("pypi.1", Kind.PYPI, ""),
                                                origin("maven", Kind.MAVEN, "*,!a&b"),
                                                origin("cargo", Kind.CARGO, ""),
                                                origin("go", Kind.GO, ""),
                                                origin("go.1", Kind.GO, "")),
                                        Map.of()))
                        .texts();
        assertThat(texts.get("/etc/countersign/npmrc"))
                .contains(
                        "\nregistry=http://127.0.0.1:4101/o/npm/\n",
                        "\n@acme:registry=http://127.0.0.1:4101/o/npm.1/\n");
        assertThat(texts.get("/.yarnrc.yml"))
                .contains("npmRegistryServer: \"http://127.0.0.1:4101/o/npm\"", "  acme:\n");
        assertThat(texts.get("/etc/pip.conf"))
                .contains(
                        "index-url = http://127.0.0.1:4101/o/pypi/\n",
                        "    http://127.0.0.1:4101/o/pypi.1/\n");
        assertThat(texts.get("/etc/uv/uv.toml"))
                .contains("url = \"http://127.0.0.1:4101/o/pypi\"\ndefault = true\n");
        assertThat(texts.get("/home/agent/.m2/settings.xml"))
                .contains(
                        "<mirrorOf>*,!a&amp;b</mirrorOf>",
                        "<url>http://127.0.0.1:4101/o/maven/</url>",
                        "<nonProxyHosts>localhost|127.*</nonProxyHosts>")
                .endsWith("</settings>\n");
        assertThat(texts.get("/home/agent/.gradle/init.d/countersign.gradle"))
                .contains("'http://127.0.0.1:4101/o/maven/'");
        assertThat(texts.get("/.cargo/config.toml"))
                .contains("registry = \"sparse+http://127.0.0.1:4101/o/cargo/\"");
        assertThat(texts.get("/etc/countersign/origins.env"))
                .contains(
                        "GOPROXY=http://127.0.0.1:4101/o/go,http://127.0.0.1:4101/o/go.1,direct\n");
        assertThat(texts.values())
                .allSatisfy(
                        text -> assertThat(text).contains("Countersign").doesNotContain("hidden"));
    }

    @Test
    void aClientWhoseToolTheHostHasNotIsLeftAlone() {
        assertThat(new GuestClients(Origins.NONE).texts())
                .containsOnlyKeys("/etc/gitconfig", "/etc/countersign/origins.env");
    }
}
