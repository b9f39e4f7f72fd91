package dev.countersign.platform;

import dev.countersign.platform.linux.GtkPrompt;
import dev.countersign.platform.linux.ZenityPrompt;
import dev.countersign.platform.mac.AlertPrompt;
import dev.countersign.ui.common.NativePrompt;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Chooses how this system asks outside of the window.
public final class NativePrompts {
    private NativePrompts() {}

    /// The best that works here, tried anew at each question.
    public static NativePrompt ofThisSystem() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (system.contains("linux")) {
            return firstOf(List.of(new GtkPrompt(), ZenityPrompt.ofPath(System.getenv("PATH"))));
        }
        return system.contains("mac") ? new AlertPrompt() : NativePrompt.NONE;
    }

    private static NativePrompt firstOf(List<NativePrompt> all) {
        return (question, listener) ->
                all.stream()
                        .map(each -> each.open(question, listener))
                        .flatMap(Optional::stream)
                        .findFirst();
    }
}
