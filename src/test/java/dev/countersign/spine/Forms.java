package dev.countersign.spine;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Set;

/// The forms in which a value may lie about, made without the product's own code.
record Forms(String value) {
    /// Every byte of it escaped.
    String percent() {
        StringBuilder text = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
        }
        return text.toString();
    }

    Set<String> all() {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        Set<String> forms = new LinkedHashSet<>();
        forms.add(value);
        forms.add(percent());
        forms.add(percent().toLowerCase(java.util.Locale.ROOT));
        forms.add(HexFormat.of().formatHex(bytes));
        forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
        forms.add(new StringBuilder(value).reverse().toString());
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + bytes.length];
            System.arraycopy(bytes, 0, shifted, before, bytes.length);
            String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            // What its neighbours have a part in is left out at both ends.
            String core = text.substring(before == 0 ? 0 : before + 1, bytes.length * 8 / 6 - 1);
            forms.add(core);
            forms.add(core.replace('+', '-').replace('/', '_'));
        }
        forms.add(
                new String(value.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.ISO_8859_1));
        return forms;
    }
}
