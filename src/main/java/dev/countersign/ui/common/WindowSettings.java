package dev.countersign.ui.common;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the window remembers between two starts. It decides nothing: what was chosen last is only
/// proposed again.
public final class WindowSettings {
    private static final Logger LOG = LoggerFactory.getLogger(WindowSettings.class);
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final int MOST_FOLDERS = 50;

    /// The choices that a session was started with, by their words.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Last(
            String agent,
            String task,
            @Nullable String mode,
            @Nullable String tier,
            @Nullable String dataClass,
            @Nullable String egress,
            @Nullable String provider,
            @Nullable Integer memoryMiB,
            @Nullable Integer cpus) {}

    /// The file's content.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Content(
            int version,
            double width,
            double height,
            @Nullable Integer textSize,
            LinkedHashMap<String, Last> folders) {
        public Content {
            folders = new LinkedHashMap<>(folders);
        }
    }

    private final Path file;
    private Content content;

    private WindowSettings(Path file, Content content) {
        this.file = file;
        this.content = content;
    }

    /// Reads the file; what is missing or can't be read becomes the default.
    public static WindowSettings read(Path file) {
        Content content = new Content(1, 1440, 900, null, new LinkedHashMap<>());
        if (Files.exists(file)) {
            try {
                content = MAPPER.readValue(Files.readAllBytes(file), Content.class);
            } catch (IOException e) {
                LOG.warn("Window settings were not read and start anew", e);
            }
        }
        return new WindowSettings(file, content);
    }

    /// Width and height of the window.
    public double width() {
        return Math.clamp(content.width(), 900, 10_000);
    }

    /// As [#width()].
    public double height() {
        return Math.clamp(content.height(), 600, 10_000);
    }

    /// The window's size from now on.
    public void size(double width, double height) {
        content = new Content(1, width, height, content.textSize(), content.folders());
    }

    /// Body text in px, as it was chosen last; null: never.
    public @Nullable Integer textSize() {
        return content.textSize();
    }

    /// The text's size from now on.
    public void textSize(int px) {
        content = new Content(1, content.width(), content.height(), px, content.folders());
    }

    /// What was chosen for this folder last; null: nothing yet.
    public @Nullable Last last(String folder) {
        return content.folders().get(folder);
    }

    /// Folders that were used, the last one first.
    public List<String> folders() {
        return List.copyOf(content.folders().sequencedKeySet().reversed());
    }

    /// Remembers the choice and makes the folder the last one.
    public void remember(String folder, Last last) {
        LinkedHashMap<String, Last> folders = new LinkedHashMap<>(content.folders());
        folders.remove(folder);
        folders.put(folder, last);
        while (folders.size() > MOST_FOLDERS) {
            folders.remove(folders.keySet().iterator().next());
        }
        content = new Content(1, content.width(), content.height(), content.textSize(), folders);
    }

    /// Writes the file as a whole: beside it, then in its place. Blocks.
    public synchronized void write() {
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Path beside = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(beside, MAPPER.writeValueAsBytes(content));
            try {
                Files.move(
                        beside,
                        file,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException _) {
                Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            LOG.warn("Window settings were not kept", e);
        }
    }
}
