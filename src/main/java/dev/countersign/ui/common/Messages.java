package dev.countersign.ui.common;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;

/// Every text that the window says. Keys are written out where they are used, so that a test can
/// find the missing and the unused ones.
public final class Messages {
    private static final ResourceBundle BUNDLE =
            ResourceBundle.getBundle("dev.countersign.ui.messages");

    /// Numbers are written as the texts are.
    private static final Locale LOCALE =
            BUNDLE.getLocale().getLanguage().isEmpty() ? Locale.ENGLISH : BUNDLE.getLocale();

    private Messages() {}

    /// The text, its `{0}` filled in. What is filled in is never parsed again.
    public static String text(String key, Object... parts) {
        String pattern = BUNDLE.getString(key);
        return parts.length == 0 ? pattern : new MessageFormat(pattern, LOCALE).format(parts);
    }
}
