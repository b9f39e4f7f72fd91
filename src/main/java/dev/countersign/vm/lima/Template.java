package dev.countersign.vm.lima;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The self-contained Lima template, rendered once for each instance.
public final class Template {
    private static final String PACKAGED = "/dev/countersign/lima-templates/countersign.yaml";
    private static final Pattern PLACE = Pattern.compile("@([A-Z_]+)@");

    private final String text;

    private Template(String text) {
        this.text = text;
    }

    /// From a file, or the one that is packaged with the product.
    public static Template load(Optional<Path> file) throws CountersignException {
        try {
            if (file.isPresent()) {
                return new Template(Files.readString(file.get()));
            }
            try (InputStream in = Template.class.getResourceAsStream(PACKAGED)) {
                if (in == null) {
                    throw new CountersignException(
                            Kind.MISSING,
                            "The VM template is not in this build of Countersign. Install it again.");
                }
                return new Template(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.MISSING,
                    "The VM template can't be read: %s. Install Countersign again."
                            .formatted(e.getMessage()),
                    e);
        }
    }

    /// A template of this text.
    public static Template of(String text) {
        return new Template(text);
    }

    /// The unrendered text; part of a warm base's key.
    public String text() {
        return text;
    }

    /// Puts the values in, but for lines that are comments. Each stands inside double quotes or is
    /// a number.
    ///
    /// @throws CountersignException if the template wants a value that is not given, or a value has
    ///   a line break
    public String render(Map<String, String> values) throws CountersignException {
        StringBuilder out = new StringBuilder();
        for (String line : text.split("(?<=\n)")) {
            out.append(line.stripLeading().startsWith("#") ? line : rendered(line, values));
        }
        return out.toString();
    }

    private static String rendered(String line, Map<String, String> values)
            throws CountersignException {
        Matcher place = PLACE.matcher(line);
        StringBuilder out = new StringBuilder();
        while (place.find()) {
            String value = values.get(place.group(1));
            if (value == null || value.chars().anyMatch(c -> c < ' ')) {
                throw new CountersignException(
                        Kind.FAILED,
                        "The VM template wants %s, which is not a value that can be given. Install Countersign again."
                                .formatted(place.group()));
            }
            String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"");
            place.appendReplacement(out, Matcher.quoteReplacement(escaped));
        }
        return place.appendTail(out).toString();
    }
}
