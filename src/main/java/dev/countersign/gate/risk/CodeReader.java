package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Reads code that an interpreter was given as text, far enough to tell the harmless: calculations,
/// reading and rewriting files that it names. Whatever has a word that could run, fetch, load or
/// hide something is `high` as before; [CodeHints] finds the worse.
///
/// Words are looked for outside of strings and comments in Python, whose strings can be told apart
/// for certain; in the other languages (regular expressions look like divisions) everywhere.
final class CodeReader {
    /// What the words of a language mean.
    ///
    /// @param danger words that make code more than harmless
    /// @param writes words by which it changes files
    /// @param removes words by which it removes files
    private record Language(Pattern danger, Pattern writes, Pattern removes) {}

    private static final Language PYTHON =
            new Language(
                    Pattern.compile(
                            "\\b(eval|exec|execfile|compile|__import__|getattr|setattr|delattr|globals|locals|vars|builtins|__builtins__|__subclasses__|__globals__|__bases__|__mro__|__code__|breakpoint"
                                    + "|subprocess|pty|socket|ssl|requests|httpx|aiohttp|urllib|http|ftplib|smtplib|poplib|imaplib|telnetlib|paramiko|fabric|xmlrpc|socketserver|asyncio|webbrowser|websocket\\w*|grpc|boto3|botocore"
                                    + "|ctypes|cffi|multiprocessing|threading|concurrent|signal|runpy|importlib|imp|code|codeop|pickle|marshal|shelve|dill|cloudpickle|joblib|pdb|gc|inspect|sqlite3|psycopg2?|pymysql|sqlalchemy|pymongo|redis|django"
                                    + "|system|popen\\w*|spawn\\w*|exec[vlp]\\w*|fork\\w*|kill\\w*|rmtree|environ\\w*|getenv\\w*|putenv|unsetenv|chmod|chown|symlink|link|setuid|setgid|mkfifo|startfile"
                                    + "|b64decode|b32decode|a85decode|fromhex|unhexlify|codecs|zlib|bz2|lzma|chr|extractall|unpack_archive|getpass|keyring|atexit)\\b"
                                    + "|\\bos\\s*\\.\\s*(?!path\\b|getcwd\\b|listdir\\b|walk\\b|scandir\\b|stat\\b|lstat\\b|sep\\b|linesep\\b|cpu_count\\b|name\\b|getpid\\b|makedirs\\b|mkdir\\b|rename\\b|replace\\b|remove\\b|unlink\\b|rmdir\\b|access\\b|fspath\\b|chdir\\b|curdir\\b|pardir\\b|F_OK\\b|R_OK\\b|SEEK_)"
                                    + "|\\bimport\\s+os\\s+as\\b|\\bfrom\\s+os\\s+import\\s+(?!path\\b|listdir\\b|walk\\b|getcwd\\b)|\\bfrom\\s+shutil\\s+import|\\*\\*?\\s*import"),
                    Pattern.compile(
                            "\\b(write|writelines|write_text|write_bytes|dump|makedirs|mkdir|touch|rename|replace_file|copy|copyfile|copy2|copytree|move|savetxt|to_csv|to_json|savefig|truncate|fileinput)\\s*\\(|\\binplace\\s*="),
                    Pattern.compile("\\b(unlink|remove|rmdir|removedirs)\\s*\\("));

    private static final Language NODE =
            new Language(
                    Pattern.compile(
                            "\\b(eval|Function|child_process|exec\\w*|spawn\\w*|fork|vm|worker_threads|cluster|net|dgram|tls|https?|http2|dns|fetch|axios|got|undici|XMLHttpRequest|WebSocket|EventSource|createServer|createConnection"
                                    + "|env|binding|dlopen|kill|mainModule|_load|constructor|__proto__|globalThis|global|Reflect|Proxy|atob|fromCharCode|fromCodePoint|Buffer|WebAssembly|rm|rmSync|rmdirSync|chmod\\w*|chown\\w*|symlink\\w*|inspector|repl|zlib|crypto|setInterval|import)\\b"
                                    + "|require\\s*\\(\\s*(?!['\"][\\w@./-]+['\"]\\s*\\))|process\\s*\\["),
                    Pattern.compile(
                            "\\b(writeFile\\w*|appendFile\\w*|createWriteStream|mkdir\\w*|rename\\w*|copyFile\\w*|cp|cpSync|truncate\\w*|outputFile\\w*|writeJson\\w*)\\s*\\("),
                    Pattern.compile("\\b(unlink\\w*|rmdir)\\s*\\("));

    private static final Language PERL =
            new Language(
                    Pattern.compile(
                            "\\b(system|exec|qx|fork|eval|do\\s*['\"$/]|require|open|sysopen|opendir|unlink|rename|rmdir|mkdir|symlink|link|chmod|chown|kill|socket|connect|syscall|dump|pack|unpack|glob|ENV|use\\s+(?!strict|warnings|utf8|feature|List::Util|POSIX|Data::Dumper|JSON::PP|Time::|v?5)|MIME|IO|LWP|HTTP|Net|File)\\b"
                                    + "|`|\\(\\?\\??\\{|\\|\\s*[\"']|[\"']\\s*\\||\\bs([/{#|!,]).*?\\3.*?\\3[a-z]*e|<\\s*\\$|\\$\\{\\^"),
                    Pattern.compile("(?!)"),
                    Pattern.compile("(?!)"));

    private static final Language RUBY =
            new Language(
                    Pattern.compile(
                            "\\b(system|exec|spawn|fork|eval|instance_eval|class_eval|module_eval|send|__send__|public_send|const_get|method|binding|popen\\w*|Open3|PTY|Socket|TCPSocket|Net|URI|open|ENV|Kernel|ObjectSpace|Fiddle|Marshal|load|autoload|FileUtils|unpack1?|decode64|Base64|Process|at_exit|trap|IO)\\b|`|%x|<<~?[`]"
                                    + "|require\\s*\\(?\\s*['\"](?!json|yaml|set|date|time|pp|csv|digest|erb|pathname|bigdecimal|optparse)"),
                    Pattern.compile(
                            "\\b(File|Pathname|Dir)\\b.*\\b(write|binwrite|open|new|rename|mkdir)\\b"),
                    Pattern.compile("\\b(delete|unlink|rmdir)\\b"));

    private static final Language PHP =
            new Language(
                    Pattern.compile(
                            "(?i)\\b(system|exec|shell_exec|passthru|proc_open|popen|pcntl_\\w+|eval|assert|create_function|call_user_func\\w*|include\\w*|require\\w*|unlink|rename|rmdir|mkdir|chmod|symlink|fopen|file_put_contents|curl_\\w+|fsockopen|stream_\\w+|mail|getenv|putenv|_ENV|_SERVER|base64_decode|gzinflate|gzuncompress|str_rot13|hex2bin|pack|chr|unserialize|dl|ini_set|mysqli?\\w*|pdo|copy|move_uploaded_file|reflection\\w*|https?|ftp)\\b|`|\\$\\$|\\$\\w+\\s*\\("),
                    Pattern.compile("(?!)"),
                    Pattern.compile("(?!)"));

    private static final Language LUA =
            new Language(
                    Pattern.compile(
                            "\\b(os|io|require|load\\w*|dofile|debug|package|_G|_ENV|getfenv|setfenv|ffi|string\\.dump|char)\\b"),
                    Pattern.compile("(?!)"),
                    Pattern.compile("(?!)"));

    /// Commands inside of code: `system("...")`, `subprocess.run(["..."])`, backticks.
    private static final Pattern COMMAND =
            Pattern.compile(
                    "\\b(?:system|popen\\w*|Popen|call|check_call|check_output|run|getoutput|getstatusoutput|exec|execSync|execFileSync|execFile|spawn|spawnSync|shell_exec|passthru|proc_open|execute|qx|shell-command|os\\.execute)\\s*\\(?\\s*((?:\\[\\s*)?(?:[rbuf]{0,2}(?:'(?:[^'\\\\\\n"
                            + "]|\\\\.)*'|\"(?:[^\"\\\\\\n"
                            + "]|\\\\.)*\")\\s*,?\\s*\\[?\\s*)+)");

    private static final Pattern STRING =
            Pattern.compile("'((?:[^'\\\\\\n]|\\\\.)*)'|\"((?:[^\"\\\\\\n]|\\\\.)*)\"");
    private static final Pattern BACKTICKS = Pattern.compile("`([^`\\n]{1,2000})`");
    private static final Pattern PUT_TOGETHER =
            Pattern.compile(
                    "\"\"\\s*\\+\\s*\"\"|\"\"\\s*%|\"\"\\s*\\.\\s*(join|format|replace|translate|encode|decode)\\b.{0,80}\\bopen\\b|\"\"\\s*\\[\\s*:\\s*:");
    private static final Pattern OPENS_UNCLEAR =
            Pattern.compile("\\b(open|Path)\\s*\\(\\s*([^)\\n]*[+%]|[^)\\n]*\\bjoin\\b)");
    private static final Pattern OPENS_TO_WRITE =
            Pattern.compile(
                    "\\bopen\\s*\\([^)]*,\\s*(mode\\s*=\\s*)?\"(w|a|x|r\\+|rb\\+|wb|ab|xb|w\\+|a\\+)");
    private static final int LONGEST = 32 * 1024;

    private CodeReader() {}

    private static Language of(String program) {
        if (program.startsWith("python")
                || program.startsWith("pypy")
                || program.equals("ipython")) {
            return PYTHON;
        }
        if (Set.of("node", "nodejs", "tsx", "ts-node", "bun", "deno").contains(program)) {
            return NODE;
        }
        return switch (program) {
            case "perl" -> PERL;
            case "ruby", "jruby" -> RUBY;
            case "php" -> PHP;
            case "lua", "luajit" -> LUA;
            default -> new Language(Pattern.compile(""), PERL.writes(), PERL.removes());
        };
    }

    /// Rates the code: `medium` if it is harmless, else `high` or what its signs say.
    static void rate(
            String program,
            String code,
            Invocation call,
            Paths paths,
            CodeText text,
            Findings own) {
        if (TESTS.matcher(code).matches()) {
            own.add(Level.LOW, "test", "runs the tests");
            own.acts();
            return;
        }
        Language language = of(program);
        boolean python = language.equals(PYTHON);
        Lexed lexed = python ? Lexed.python(code) : new Lexed(code, strings(code), true);
        boolean harmless =
                code.length() <= LONGEST
                        && lexed.whole()
                        && !language.danger().matcher(lexed.code()).find()
                        && !(python
                                && (PUT_TOGETHER.matcher(lexed.code()).find()
                                        || OPENS_UNCLEAR.matcher(lexed.code()).find()))
                        && (python || !joinsStrings(code));
        if (!harmless) {
            if (VERSION_OF.matcher(code).matches()) {
                own.add(Level.MEDIUM, "run.code", "loads a module to show its version");
                own.acts();
                return;
            }
            own.add(Level.HIGH, "run.code", "runs code that it was given as text");
            CodeHints.check(code, own);
            commands(code, call, text, own);
            lexed.strings().stream()
                    .filter(CodeReader::pathLike)
                    .forEach(path -> paths.read(path, call.scope().cwd(), own));
            return;
        }
        own.add(Level.MEDIUM, "run.code", "runs code that reads and calculates");
        own.acts();
        boolean writes =
                language.writes().matcher(lexed.code()).find()
                        || (python && OPENS_TO_WRITE.matcher(lexed.withStrings()).find());
        boolean removes = language.removes().matcher(lexed.code()).find();
        List<String> named = lexed.strings().stream().filter(CodeReader::pathLike).toList();
        String cwd = call.scope().cwd();
        for (String path : named) {
            if (removes) {
                paths.delete(path, cwd, own);
            } else if (writes) {
                paths.write(path, cwd, own);
            } else {
                paths.read(path, cwd, own);
            }
        }
        boolean lists = LISTS.matcher(lexed.code()).find();
        if ((writes || removes) && named.isEmpty() && !(lists && writes && !removes)) {
            own.add(Level.HIGH, "write.unknown", "its code changes files that it does not name");
        }
    }

    /// How R and Julia run the tests of a package from the command line.
    private static final Pattern TESTS =
            Pattern.compile(
                    "\\s*(using Pkg; *)?Pkg\\.test\\(\\);?\\s*"
                            + "|\\s*(testthat::test_(dir|file|local|package)|devtools::(test|check|lint)|lintr::lint_(package|dir)|covr::package_coverage|rcmdcheck::rcmdcheck)\\(([\"']\\w[\\w/-]*[\"'])?\\);?\\s*");

    /// `import x; print(x.__version__)`: whatever x can do, only its version is asked for.
    private static final Pattern VERSION_OF =
            Pattern.compile(
                    "\\s*import ([\\w.]+)(?: as (\\w+))?\\s*[;\\n"
                            + "]\\s*print\\(\\s*\\w[\\w.]*\\.(__version__|VERSION|version|__file__)\\s*\\);?\\s*");

    /// It goes over the files of a directory.
    private static final Pattern LISTS =
            Pattern.compile(
                    "\\b(rglob|glob|iglob|walk|iterdir|listdir|scandir|readdir\\w*)\\s*\\(");

    private static boolean joinsStrings(String code) {
        return PUT_TOGETHER.matcher(STRING.matcher(code).replaceAll("\"\"")).find();
    }

    static void commands(String code, Invocation call, CodeText text, Findings own) {
        Matcher found = COMMAND.matcher(code);
        for (int i = 0; i < 8 && found.find(); i++) {
            List<String> words = strings(found.group(1));
            String line =
                    words.size() == 1
                            ? words.getFirst()
                            : words.stream()
                                    .map(word -> "'" + word.replace("'", "'\\''") + "'")
                                    .collect(Collectors.joining(" "));
            text.code(call, Word.of(line), own);
        }
        Matcher ticks = BACKTICKS.matcher(code);
        String program = call.name();
        for (int i = 0; i < 4 && program.matches("perl|ruby|php") && ticks.find(); i++) {
            text.code(call, Word.of(ticks.group(1)), own);
        }
    }

    private static List<String> strings(String code) {
        List<String> all = new ArrayList<>();
        Matcher found = STRING.matcher(code);
        while (found.find() && all.size() < 200) {
            String one = found.group(1) == null ? found.group(2) : found.group(1);
            all.add(Literals.ansiC("$'" + one + "'"));
        }
        return all;
    }

    /// A name without blanks that could be a file's.
    private static boolean pathLike(String text) {
        if (text.isEmpty() || text.length() > 200) {
            return false;
        }
        boolean sign = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c) || "<>|;\"'`$\\{}()*=,[]^".indexOf(c) >= 0) {
                return false;
            }
            sign |= c == '/' || c == '.' || c == '~';
        }
        String folded = text.toLowerCase(Locale.ROOT);
        return sign
                && !folded.matches("[./]+|.*://.*|\\.+[a-z]?|[0-9.]+|/[a-z]?")
                && !text.endsWith(".");
    }

    /// Code without its strings and comments.
    ///
    /// @param code strings stand as `""`
    /// @param strings what they hold
    /// @param whole false if a string does not end
    private record Lexed(String code, List<String> strings, boolean whole) {
        String withStrings() {
            StringBuilder out = new StringBuilder();
            int next = 0;
            for (int i = 0; i < code.length(); i++) {
                char c = code.charAt(i);
                if (c == '"'
                        && i + 1 < code.length()
                        && code.charAt(i + 1) == '"'
                        && next < strings.size()) {
                    String one = strings.get(next++);
                    out.append('"').append(one.length() < 40 ? one : "").append('"');
                    i++;
                } else {
                    out.append(c);
                }
            }
            return out.toString();
        }

        /// Strings and comments as in "Lexical analysis" of Python's reference. What stands in the
        /// braces of an f-string is code too.
        static Lexed python(String code) {
            StringBuilder out = new StringBuilder(code.length());
            List<String> strings = new ArrayList<>();
            int i = 0;
            while (i < code.length()) {
                char c = code.charAt(i);
                if (c == '#') {
                    while (i < code.length() && code.charAt(i) != '\n') {
                        i++;
                    }
                } else if (c == '"' || c == '\'') {
                    boolean formatted = prefix(out).indexOf('f') >= 0;
                    boolean raw = prefix(out).indexOf('r') >= 0;
                    String mark = String.valueOf(c);
                    boolean triple = code.startsWith(mark.repeat(3), i);
                    String end = triple ? mark.repeat(3) : mark;
                    int from = i + end.length();
                    int at = from;
                    while (at < code.length() && !code.startsWith(end, at)) {
                        if (!triple && code.charAt(at) == '\n') {
                            return new Lexed(out.toString(), strings, false);
                        }
                        at += code.charAt(at) == '\\' ? 2 : 1;
                    }
                    if (at >= code.length()) {
                        return new Lexed(out.toString(), strings, false);
                    }
                    String value = code.substring(from, at);
                    out.append("\"\"");
                    strings.add(raw ? value : Literals.ansiC("$'" + value + "'"));
                    if (formatted) {
                        out.append(" ( ")
                                .append(value.replace('"', ' ').replace('\'', ' '))
                                .append(" ) ");
                    }
                    i = at + end.length();
                } else {
                    out.append(c);
                    i++;
                }
            }
            return new Lexed(out.toString(), strings, true);
        }

        /// The letters right before a string.
        private static String prefix(StringBuilder out) {
            int from = out.length();
            while (from > 0 && "rRbBfFuU".indexOf(out.charAt(from - 1)) >= 0) {
                from--;
            }
            return out.substring(from).toLowerCase(Locale.ROOT);
        }
    }
}
