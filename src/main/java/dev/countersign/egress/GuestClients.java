package dev.countersign.egress;

import dev.countersign.egress.Origin.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// How the clients in a guest find the registries: files that are below every setting of a
/// repository's own, so that what a repository says still counts, and environment where a client
/// has no such file. A client whose tool the host has not is not set up.
public final class GuestClients {
    private static final String MARK = "Countersign: the registries of the host's own tools.";
    private static final String HOME = "/home/agent/";

    private final Origins origins;

    /// @param origins that the guest may read
    public GuestClients(Origins origins) {
        this.origins = origins;
    }

    private record ClientFile(String path, String text) {}

    private List<ClientFile> files() {
        List<ClientFile> files = new ArrayList<>();
        npm(files);
        pip(files);
        maven(files);
        cargo(files);
        files.add(
                new ClientFile(
                        "/etc/gitconfig",
                        "# Countersign: fetches go through the host, which pushes after review.\n[url \"%s\"]\n\tinsteadOf = https://\n"
                                .formatted(Origins.GIT_GATEWAY)));
        return List.copyOf(files);
    }

    /// Beside the files; for the agent and for login shells.
    public Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        if (!origins.of(Kind.NPM).isEmpty()) {
            environment.put("NPM_CONFIG_GLOBALCONFIG", "/etc/countersign/npmrc");
        }
        if (!origins.of(Kind.MAVEN).isEmpty()) {
            environment.put("MVNW_REPOURL", origins.of(Kind.MAVEN).getFirst().gateway());
        }
        List<Origin> go = origins.of(Kind.GO);
        if (!go.isEmpty()) {
            // As the host asks them, one after the other; what none has is asked of its own host.
            environment.put(
                    "GOPROXY",
                    go.stream().map(Origin::gateway).collect(Collectors.joining(",")) + ",direct");
        }
        return environment;
    }

    private void npm(List<ClientFile> files) {
        List<Origin> all = origins.of(Kind.NPM);
        if (all.isEmpty()) {
            return;
        }
        Origin first = all.getFirst();
        StringBuilder npmrc = new StringBuilder("; " + MARK + "\n");
        for (Origin one : all) {
            npmrc.append(one.scope().isEmpty() ? "" : one.scope() + ":")
                    .append("registry=")
                    .append(one.gateway())
                    .append("/\n");
        }
        // Lock files of the host name the host's registry. Auditing posts what is installed.
        npmrc.append("replace-registry-host=")
                .append(first.base().getHost())
                .append("\naudit=false\nfund=false\nupdate-notifier=false\n");
        files.add(new ClientFile("/etc/countersign/npmrc", npmrc.toString()));
        // Yarn reads what lies above a project; it has no place of the system's.
        files.add(
                new ClientFile(
                        "/.yarnrc", "# " + MARK + "\nregistry \"" + first.gateway() + "/\"\n"));
        StringBuilder berry =
                new StringBuilder("# " + MARK + "\nnpmRegistryServer: \"")
                        .append(first.gateway())
                        .append("\"\nunsafeHttpWhitelist:\n  - \"127.0.0.1\"\n");
        List<Origin> scoped = all.stream().filter(one -> !one.scope().isEmpty()).toList();
        if (!scoped.isEmpty()) {
            berry.append("npmScopes:\n");
            scoped.forEach(one ->
                    berry.append("  ")
                            .append(one.scope().substring(1))
                            .append(":\n    npmRegistryServer: \"")
                            .append(one.gateway())
                            .append("\"\n"));
        }
        files.add(new ClientFile("/.yarnrc.yml", berry.toString()));
    }

    private void pip(List<ClientFile> files) {
        List<Origin> all = origins.of(Kind.PYPI);
        if (all.isEmpty()) {
            return;
        }
        StringBuilder pip = new StringBuilder("# " + MARK + "\n[global]\nindex-url = ");
        pip.append(all.getFirst().gateway()).append("/\n");
        StringBuilder uv = new StringBuilder("# " + MARK + "\n");
        all.stream()
                .skip(1)
                .forEach(one ->
                        uv.append("[[index]]\nurl = \"").append(one.gateway()).append("\"\n"));
        uv.append("[[index]]\nurl = \"").append(all.getFirst().gateway()).append("\"\n");
        uv.append("default = true\n");
        if (all.size() > 1) {
            pip.append("extra-index-url =\n");
            all.stream()
                    .skip(1)
                    .forEach(one -> pip.append("    ").append(one.gateway()).append("/\n"));
        }
        files.add(new ClientFile("/etc/pip.conf", pip.toString()));
        files.add(new ClientFile("/etc/uv/uv.toml", uv.toString()));
    }

    private void maven(List<ClientFile> files) {
        List<Origin> all = origins.of(Kind.MAVEN);
        if (all.isEmpty()) {
            return;
        }
        Origin first = all.getFirst();
        String mirror =
                """
                  <!-- %s -->
                  <mirrors>
                    <mirror>
                      <id>countersign</id>
                      <mirrorOf>%s</mirrorOf>
                      <url>%s/</url>
                    </mirror>
                  </mirrors>
                </settings>
                """
                        .formatted(
                                MARK,
                                first.scope().isEmpty() ? "central" : escaped(first.scope()),
                                first.gateway());
        files.add(
                new ClientFile(
                        HOME + ".m2/settings.xml",
                        resource("maven-settings.xml").replaceFirst("</settings>\\s*$", "")
                                + mirror));
        files.add(
                new ClientFile(
                        HOME + ".gradle/init.d/countersign.gradle",
                        resource("registries.gradle").replace("@GATEWAY@", first.gateway() + "/")));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private void cargo(List<ClientFile> files) {
        List<Origin> all = origins.of(Kind.CARGO);
        if (!all.isEmpty()) {
            // Cargo too reads what lies above a project.
            files.add(
                    new ClientFile(
                            "/.cargo/config.toml",
                            """
                            # %s
                            [source.crates-io]
                            replace-with = "countersign"
                            [source.countersign]
                            registry = "sparse+%s/"
                            [net]
                            git-fetch-with-cli = true
                            """
                                    .formatted(MARK, all.getFirst().gateway())));
        }
    }

    private static String resource(String name) {
        try (InputStream in =
                GuestClients.class.getResourceAsStream("/dev/countersign/guest/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All of it for the guest, by path: the files, and the environment for login shells.
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        files().forEach(file -> texts.put(file.path(), file.text()));
        StringBuilder lines = new StringBuilder("# " + MARK + "\n");
        environment()
                .forEach(
                        (name, value) -> lines.append(name).append('=').append(value).append('\n'));
        texts.put("/etc/countersign/origins.env", lines.toString());
        return texts;
    }
}
