package dev.countersign.installer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The set-up script in a machine of our own making: a PATH that holds the basic programs and,
/// where a test says so, a package manager that only writes down what it was told.
class SetupTest {
    private record Run(int code, String out, String err) {}

    private static final List<String> BASICS =
            List.of("dirname", "uname", "id", "sed", "grep", "tr", "cat", "readlink", "env", "sh");

    @TempDir Path directory;
    private Path bin;
    private Path log;

    @BeforeEach
    void makeMachine() throws IOException {
        assumeTrue(
                System.getProperty("os.name").contains("Linux"),
                "the stand-ins are those of Linux");
        bin = Files.createDirectory(directory.resolve("bin"));
        log = directory.resolve("package-manager.log");
        for (String name : BASICS) {
            for (String place : List.of("/usr/bin/", "/bin/")) {
                if (Files.isExecutable(Path.of(place + name))
                        && Files.notExists(bin.resolve(name))) {
                    Files.createSymbolicLink(bin.resolve(name), Path.of(place + name));
                }
            }
        }
    }

    @Test
    void checkSaysWhatIsMissingAndChangesNothing() throws IOException, InterruptedException {
        debian("qemu-system-x86 qemu-system-arm qemu-utils");

        Run run = setup(Map.of(), "--check", "--system", "--tests");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out())
                .contains("missing:", "QEMU (qemu-system-", "the OpenSSH client", "mmdebstrap")
                .contains("xvfb-run (for the tests' windows)");
        assertThat(log).doesNotExist();
    }

    @Test
    void checkOfTheUsersPartMissesLimactlAndChangesNothing()
            throws IOException, InterruptedException {
        Run run = setup(Map.of(), "--check", "--user");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out() + run.err())
                .contains(
                        System.getProperty("user.name").equals("root")
                                ? "limactl does not run as root"
                                : "limactl 2.1 or later");
        assertThat(directory.resolve("home/.cache")).doesNotExist();
    }

    @Test
    void withoutAnyoneToAskNothingIsInstalled() throws IOException, InterruptedException {
        debian(ALL);

        Run run = setup(Map.of(), "--system", "--tests");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("nobody can be asked here", "--yes");
        assertThat(Files.exists(log) ? Files.readString(log) : "").doesNotContain("install");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"--yes, false", "--system, true"})
    void toldSoItInstallsExactlyTheMissingPackages(String option, String ci)
            throws IOException, InterruptedException {
        debian(ALL);
        stub("git", "exit 0");
        stub("mvn", "exit 0");

        Run run = setup(Map.of("CI", ci), option, "--system");

        // The stand-in installs nothing, so the script must notice that afterwards.
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("installed, but still not found");
        assertThat(Files.readString(log))
                .contains("install -y -qq --no-install-recommends")
                .contains("mmdebstrap", "qemu-utils", "openssh-client", "uidmap")
                .doesNotContain("xvfb", "maven", " git");
    }

    @Test
    void aPackageThatNobodyHasIsNamed() throws IOException, InterruptedException {
        debian("qemu-utils openssh-client");

        Run run = setup(Map.of("CI", "1"), "--system");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("no package here has mmdebstrap", "run this again");
        assertThat(Files.readString(log)).contains("update").doesNotContain("install");
    }

    @Test
    void anUnknownOptionIsWrongUse() throws IOException, InterruptedException {
        Run run = setup(Map.of(), "--colour");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("unknown option --colour");
    }

    @ParameterizedTest(name = "limactl {0}: {1}")
    @CsvSource({
        "limactl version 2.2.0, 0",
        "limactl version 2.1.0-rc.1, 0",
        "limactl version v10.0.0, 0",
        "limactl version 2.0.3, 1",
        "limactl version 1.2.2, 1",
        "limactl version HEAD, 1"
    })
    void onlyALimactlThatIsNewEnoughCounts(String answer, int code)
            throws IOException, InterruptedException {
        stub("limactl", "echo '" + answer + "'");

        assertThat(find("find_limactl >/dev/null").code()).isEqualTo(code);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"25, 0", "25.0.4, 0", "25-ea, 0", "24.0.1, 1", "17.0.15, 1", "250, 1"})
    void onlyAJdk25Counts(String version, int code) throws IOException, InterruptedException {
        Path jdk = Files.createDirectories(directory.resolve("jdk"));
        Files.createDirectory(jdk.resolve("bin"));
        program(jdk.resolve("bin/javac"), "exit 0");
        Files.writeString(
                jdk.resolve("release"),
                "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\nOS_ARCH=\"x86_64\"\n");

        assertThat(find("is_jdk " + jdk).code()).isEqualTo(code);
    }

    @Test
    void theSourcesOfTheImageAreTheMachinesOwnDebianMirrors()
            throws IOException, InterruptedException {
        stub(
                "apt-get",
                """
                cat <<'END'
                Docker|Docker CE|bookworm|stable|https://other.test/linux/debian/
                Debian|Debian|trixie|contrib|http://mirror.test/debian/
                Debian|Debian|trixie|main|http://mirror.test/debian/
                Debian|Debian|trixie-updates|main|http://mirror.test/debian/
                Debian|Debian-Security|trixie-security|main|http://mirror.test/debian-security/
                Debian|Debian Backports|trixie-backports|main|http://backports.test/debian/
                END
                """);

        assertThat(sources("bookworm", "trixie").out())
                .isEqualTo(
                        """
                        deb http://mirror.test/debian/ bookworm main
                        deb http://mirror.test/debian/ bookworm-updates main
                        deb http://mirror.test/debian-security/ bookworm-security main
                        """);
    }

    @Test
    void beforeTheFirstUpdateTheMachinesReleaseTellsTheMirrors()
            throws IOException, InterruptedException {
        stub(
                "apt-get",
                """
                cat <<'END'
                $(ORIGIN)|$(LABEL)|stable|main|https://yarn.test/debian/
                $(ORIGIN)|$(LABEL)|bookworm|main|http://mirror.test/debian/
                $(ORIGIN)|$(LABEL)|bookworm-security|main|http://mirror.test/debian-security/
                END
                """);

        assertThat(sources("bookworm", "bookworm").out().lines())
                .containsExactly(
                        "deb http://mirror.test/debian/ bookworm main",
                        "deb http://mirror.test/debian/ bookworm-updates main",
                        "deb http://mirror.test/debian-security/ bookworm-security main");
    }

    @Test
    void anotherDistributionsMirrorsAreNotTaken() throws IOException, InterruptedException {
        stub("apt-get", "echo 'Ubuntu|Ubuntu|noble|main|http://mirror.test/ubuntu/'");

        Run run = sources("bookworm", "noble");

        assertThat(run.code()).isZero();
        assertThat(run.out()).isEmpty();
    }

    private static final String ALL =
            "openjdk-25-jdk-headless maven qemu-system-x86 qemu-system-arm qemu-utils openssh-client"
                    + " git mmdebstrap uidmap e2fsprogs debian-archive-keyring libgtk-3-0 libxtst6"
                    + " libxxf86vm1 libgl1 python3 xvfb xauth";

    private void debian(String packages) throws IOException {
        stub("apt-get", "echo \"$*\" >>'" + log + "'");
        stub("sudo", "exec \"$@\"");
        stub("apt-cache", "case ' " + packages + " ' in *\" $2 \"*) exit 0 ;; *) exit 100 ;; esac");
    }

    private void stub(String name, String script) throws IOException {
        program(bin.resolve(name), script);
        if (name.equals("apt-get") && Files.notExists(bin.resolve("awk"))) {
            Files.createSymbolicLink(bin.resolve("awk"), Path.of("/usr/bin/awk"));
        }
    }

    private static void program(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Run setup(Map<String, String> environment, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("setsid", "--wait", "/bin/sh"));
        command.add(Path.of("installer/setup.sh").toAbsolutePath().toString());
        command.addAll(List.of(options));
        return run(environment, command);
    }

    private Run find(String question) throws IOException, InterruptedException {
        return run(
                Map.of(),
                List.of(
                        "/bin/sh",
                        "-c",
                        ". '" + Path.of("installer/find.sh").toAbsolutePath() + "'; " + question));
    }

    private Run sources(String suite, String codename) throws IOException, InterruptedException {
        Path release = directory.resolve("os-release");
        Files.writeString(release, "ID=x\nVERSION_CODENAME=" + codename + "\n");
        return run(
                Map.of("OS_RELEASE", release.toString()),
                List.of(
                        "/bin/sh",
                        Path.of("lima-templates/image/sources.sh").toAbsolutePath().toString(),
                        suite));
    }

    private Run run(Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        process.environment().clear();
        process.environment().put("PATH", bin.toString());
        process.environment().put("HOME", directory.resolve("home").toString());
        process.environment().putAll(environment);
        Process started = process.start();
        started.getOutputStream().close();
        assertThat(started.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        return new Run(
                started.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }
}
