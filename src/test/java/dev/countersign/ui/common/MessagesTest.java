package dev.countersign.ui.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MessagesTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/countersign/ui");
    private static final Pattern USE = Pattern.compile("\\btext\\(\\s*\"([a-z0-9.-]+)\"");
    private static final Pattern KEY = Pattern.compile("\"([a-z]+\\.[a-z0-9-]+)\"");
    private static final ResourceBundle BUNDLE =
            ResourceBundle.getBundle("dev.countersign.ui.messages");

    private static Set<String> found(Pattern pattern) throws IOException {
        Set<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                Matcher matcher = pattern.matcher(Files.readString(file));
                while (matcher.find()) {
                    found.add(matcher.group(1));
                }
            }
        }
        return found;
    }

    @Test
    void everyTextThatIsUsedExists() throws IOException {
        Set<String> used = found(USE);
        assertThat(used).hasSizeGreaterThan(150);
        assertThat(BUNDLE.keySet()).containsAll(used);
    }

    @Test
    void everyTextThatExistsIsUsed() throws IOException {
        Set<String> unused = new TreeSet<>(BUNDLE.keySet());
        unused.removeAll(found(KEY));
        assertThat(unused).isEmpty();
    }

    @Test
    void theGermanTextsAreTheSameTextsWithTheSameParts() {
        ResourceBundle german =
                ResourceBundle.getBundle("dev.countersign.ui.messages", Locale.GERMAN);
        ResourceBundle english =
                ResourceBundle.getBundle("dev.countersign.ui.messages", Locale.ROOT);
        assertThat(german.getLocale()).isEqualTo(Locale.GERMAN);
        assertThat(german.keySet()).isEqualTo(english.keySet());
        Pattern part = Pattern.compile("\\{(\\d)");
        List<String> bad = new ArrayList<>();
        for (String key : english.keySet()) {
            String text = german.getString(key);
            new MessageFormat(text, Locale.GERMAN);
            Set<String> ours = new TreeSet<>();
            Set<String> theirs = new TreeSet<>();
            part.matcher(english.getString(key)).results().forEach(m -> ours.add(m.group(1)));
            part.matcher(text).results().forEach(m -> theirs.add(m.group(1)));
            if (!ours.equals(theirs) || text.contains("'") || text.isBlank()) {
                bad.add(key);
            }
        }
        assertThat(bad).isEmpty();
    }

    @Test
    void everyTextIsWellFormedAndPlain() {
        List<String> bad = new ArrayList<>();
        for (String key : BUNDLE.keySet()) {
            String text = BUNDLE.getString(key);
            new MessageFormat(text, Locale.ENGLISH);
            String lower = text.toLowerCase(Locale.ROOT);
            if (text.contains("'")
                    || text.contains("!")
                    || lower.contains("please")
                    || lower.contains("oops")
                    || lower.contains("successfully")
                    || text.isBlank()) {
                bad.add(key);
            }
        }
        assertThat(bad).isEmpty();
    }
}
