package dev.countersign.secrets;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Values that were entrusted, in each form in which they may turn up. Immutable.
final class Entrusted {
    static final Entrusted NOTHING = new Entrusted(Map.of());

    /// A piece of an encoded value that is shorter could be ordinary text.
    private static final int SHORTEST_FORM = 6;

    private static final int SHORTEST_LINE = 16;

    private final Map<String, String> ruleByForm;
    private final List<String> rules;
    private final Keywords forms;

    private Entrusted(Map<String, String> ruleByForm) {
        this.ruleByForm = ruleByForm;
        this.rules = List.copyOf(ruleByForm.values());
        this.forms = Keywords.of(List.copyOf(ruleByForm.keySet()), false);
    }

    Entrusted with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(ruleByForm);
        for (String form : forms(value)) {
            more.putIfAbsent(form, name);
            // Streams are read byte by byte, so that what is not UTF-8 passes unchanged.
            more.putIfAbsent(
                    new String(form.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1),
                    name);
        }
        return new Entrusted(more);
    }

    int longest() {
        return ruleByForm.keySet().stream().mapToInt(String::length).max().orElse(0);
    }

    void find(String text, List<Span> found) {
        if (!forms.isEmpty()) {
            forms.scan(
                    text,
                    (number, start, end) -> found.add(new Span(start, end, rules.get(number))));
        }
    }

    private static List<String> forms(String value) {
        List<String> forms = new ArrayList<>();
        forms.add(value);
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        String percent = URLEncoder.encode(value, StandardCharsets.UTF_8);
        forms.add(percent);
        forms.add(percent.replace("+", "%20"));
        forms.add(lowerEscapes(percent.replace("+", "%20")));
        forms.add(json(value));
        forms.add(json(json(value)));
        forms.add(HexFormat.of().formatHex(bytes));
        forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
        for (int shift = 0; shift < 3; shift++) {
            String core = base64Core(bytes, shift);
            forms.add(core);
            forms.add(core.replace('+', '-').replace('/', '_'));
        }
        value.lines()
                .map(String::strip)
                .filter(line -> line.length() >= SHORTEST_LINE)
                .forEach(forms::add);
        return forms.stream().filter(form -> form.length() >= SHORTEST_FORM).distinct().toList();
    }

    /// The characters of the value's base64 that depend on it alone, when it stands `shift` bytes
    /// behind a multiple of three, whatever stands around it.
    private static String base64Core(byte[] bytes, int shift) {
        byte[] shifted = new byte[bytes.length + shift];
        System.arraycopy(bytes, 0, shifted, shift, bytes.length);
        String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
        int from = shift == 0 ? 0 : shift + 1;
        int whole = shifted.length / 3 * 4;
        int bitsLeft = shifted.length % 3;
        int to = bitsLeft == 0 ? whole : whole + bitsLeft;
        return text.substring(
                Math.min(from, text.length()), Math.max(from, Math.min(to, text.length())));
    }

    private static String json(String value) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    private static String lowerEscapes(String percent) {
        StringBuilder out = new StringBuilder(percent);
        for (int i = 0; i + 2 < out.length(); i++) {
            if (out.charAt(i) == '%') {
                out.replace(i + 1, i + 3, out.substring(i + 1, i + 3).toLowerCase(Locale.ROOT));
            }
        }
        return out.toString();
    }
}
