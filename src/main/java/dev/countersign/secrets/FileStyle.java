package dev.countersign.secrets;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/// How a file writes values, told by its name.
enum FileStyle {
    /// Values stand in quotes; what does not is an expression.
    SOURCE,
    /// Values may stand without quotes.
    SETTINGS,
    /// Text for people: both, between words.
    PROSE,
    /// Neither is known: logs, arguments of calls.
    ANY,
    /// Digests and versions, written by a program, or not a text: only tokens of known form count.
    MACHINE;

    private static final Set<String> SETTINGS_ENDINGS =
            Set.of(
                    "env",
                    "properties",
                    "yaml",
                    "yml",
                    "ini",
                    "cfg",
                    "conf",
                    "config",
                    "cnf",
                    "npmrc",
                    "netrc",
                    "pypirc",
                    "tfvars",
                    "service",
                    "pgpass",
                    "htpasswd",
                    "envrc",
                    "dockerfile",
                    "gitconfig",
                    "boto",
                    "credentials",
                    "sh",
                    "bash",
                    "zsh",
                    "fish",
                    "bat",
                    "cmd",
                    "http",
                    "rest",
                    "s3cfg",
                    "prefs",
                    "settings",
                    "local",
                    "sample",
                    "example",
                    "template",
                    "dist",
                    "default",
                    "defaults",
                    "ksh",
                    "csh",
                    "profile",
                    "bashrc",
                    "zshrc",
                    "secret",
                    "secrets",
                    "key",
                    "reg",
                    "inf",
                    "ovpn",
                    "toml",
                    "ldif",
                    "sls",
                    "j2",
                    "tpl",
                    "in",
                    "cred",
                    "curlrc",
                    "wgetrc",
                    "rc",
                    "pwd",
                    "password",
                    "passwd",
                    "vars",
                    "repo",
                    "list",
                    "");
    private static final Set<String> PROSE_ENDINGS =
            Set.of(
                    "md",
                    "markdown",
                    "rst",
                    "txt",
                    "adoc",
                    "asciidoc",
                    "log",
                    "csv",
                    "tsv",
                    "html",
                    "htm",
                    "textile",
                    "org",
                    "tex",
                    "mdx",
                    "po",
                    "pot",
                    "out",
                    "diff",
                    "patch");
    private static final List<String> LOCKS =
            List.of(
                    "package-lock.json",
                    "npm-shrinkwrap.json",
                    "yarn.lock",
                    "pnpm-lock.yaml",
                    "cargo.lock",
                    "go.sum",
                    "poetry.lock",
                    "pipfile.lock",
                    "composer.lock",
                    "gemfile.lock",
                    "pdm.lock",
                    "uv.lock",
                    "mix.lock",
                    "flake.lock",
                    "podfile.lock",
                    "packages.lock.json",
                    "bun.lock",
                    "deno.lock",
                    "gradle.lockfile",
                    "verification-metadata.xml",
                    "cartfile.resolved",
                    "package.resolved");
    private static final Set<String> MACHINE_ENDINGS =
            Set.of(
                    "svg", "map", "sum", "sha1", "sha256", "sha512", "md5", "snap", "woff", "ttf",
                    "eot", "pdf", "png", "jpg", "gif", "ico", "crt", "cer", "csr", "enc", "gpg",
                    "age", "p7s", "jwe", "lock");

    static FileStyle of(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        String ending = name.substring(name.lastIndexOf('.') + 1);
        if (LOCKS.contains(name) || MACHINE_ENDINGS.contains(ending)) {
            return MACHINE;
        }
        if (PROSE_ENDINGS.contains(ending) || name.startsWith("readme")) {
            return PROSE;
        }
        boolean settings =
                SETTINGS_ENDINGS.contains(ending)
                        || name.startsWith(".env")
                        || !name.contains(".")
                        || (name.startsWith(".") && name.indexOf('.', 1) < 0)
                        || name.startsWith("dockerfile");
        return settings ? SETTINGS : SOURCE;
    }
}
