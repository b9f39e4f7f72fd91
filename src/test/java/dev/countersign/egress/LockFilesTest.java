package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.egress.Origin.Kind;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockFilesTest {
    private static final Origin NPM =
            new Origin("npm", Kind.NPM, URI.create("https://npm.example.org/all"), null, "");
    private static final Origin PYPI =
            new Origin(
                    "pypi.1", Kind.PYPI, URI.create("https://pip.example.org/simple/"), null, "");

    private final LockFiles files = new LockFiles(() -> new Origins(List.of(NPM, PYPI), Map.of()));

    private String forHost(String text) {
        return new String(
                files.forHost(text.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    @Test
    void addressesBecomeThoseOfTheRegistryAndHashesStay() {
        assertThat(
                        forHost(
                                "\"resolved\": \"http://127.0.0.1:4101/o/npm/@a/b/-/b-1.0.0.tgz\",\n\"integrity\": \"sha512-x+/y==\", \"ü\": 1"))
                .isEqualTo(
                        "\"resolved\": \"https://npm.example.org/all/@a/b/-/b-1.0.0.tgz\",\n\"integrity\": \"sha512-x+/y==\", \"ü\": 1");
        assertThat(
                        forHost(
                                "left@^1:\n  resolved \"http://127.0.0.1:4101/o/npm/left/-/left-1.0.0.tgz#abc\""))
                .isEqualTo(
                        "left@^1:\n  resolved \"https://npm.example.org/all/left/-/left-1.0.0.tgz#abc\"");
        assertThat(forHost("source = { registry = \"http://127.0.0.1:4101/o/pypi.1\" }"))
                .isEqualTo("source = { registry = \"https://pip.example.org/simple\" }");
        assertThat(forHost("--index-url http://127.0.0.1:4101/o/pypi.1/\n"))
                .isEqualTo("--index-url https://pip.example.org/simple/\n");
    }

    @Test
    void aLinkBecomesWhatItWasMadeOf() {
        String url = "https://files.example.org/p/six-1.0-py3.whl?x=1&y=%20#sha256=00";
        String link = new OriginLinks(new byte[32]).to(PYPI, URI.create(url));
        assertThat(forHost("{ url = \"" + link + "\", hash = \"sha256:00\" }"))
                .isEqualTo("{ url = \"" + url + "\", hash = \"sha256:00\" }");
    }

    @Test
    void whatIsNotTheGatewaysStays() {
        for (String text :
                List.of(
                        "http://127.0.0.1:4101/o/gems/x",
                        "http://127.0.0.1:4101/other",
                        "http://127.0.0.1:8080/o/npm/x",
                        "https://npm.example.org/all/x")) {
            assertThat(forHost(text)).isEqualTo(text);
        }
        byte[] binary = {(byte) 0xff, 0, (byte) 0x80, 13, 10};
        assertThat(files.forHost(binary)).isEqualTo(binary);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "package-lock.json,true",
        "yarn.lock,true",
        "pnpm-lock.yaml,true",
        "uv.lock,true",
        "requirements-dev.txt,true",
        "pylock.dev.toml,true",
        "package.json,false",
        "notes.txt,false",
        "uv.lock.py,false"
    })
    void lockFilesAreToldByTheirName(String name, boolean lock) {
        assertThat(LockFiles.named(name)).isEqualTo(lock);
    }
}
