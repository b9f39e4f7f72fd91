package dev.countersign.gate.policy;

import dev.countersign.domain.DataClass;
import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the developer, or whoever answers for the data, has on record about a model's provider.
///
/// @param name the provider's, as `countersign provider list` shows it
/// @param line where the record begins
/// @param processor who processes the data
/// @param region where
/// @param baseUrl the only address at which the provider may be asked; null: any
/// @param retention how long the data is kept there, in words
/// @param trains whether models are trained on it
/// @param reviewedOn when a person last looked at all this
/// @param approvedBy who approved it
/// @param classes that it may be sent
public record ProviderRecord(
        String name,
        int line,
        String processor,
        String region,
        @Nullable URI baseUrl,
        String retention,
        boolean trains,
        String legalBasis,
        List<String> subProcessors,
        LocalDate reviewedOn,
        @Nullable String approvedBy,
        Set<DataClass> classes) {
    /// Keeps copies.
    public ProviderRecord {
        subProcessors = List.copyOf(subProcessors);
        classes = Set.copyOf(classes);
    }

    /// Whether this is an address at, or below, the one that the record names.
    boolean covers(@Nullable URI address) {
        URI pinned = baseUrl;
        if (pinned == null) {
            return true;
        }
        return address != null
                && pinned.getScheme().equalsIgnoreCase(address.getScheme())
                && pinned.getHost().equalsIgnoreCase(address.getHost())
                && port(pinned) == port(address)
                && below(path(pinned), path(address));
    }

    private static int port(URI address) {
        return address.getPort() >= 0
                ? address.getPort()
                : "http".equalsIgnoreCase(address.getScheme()) ? 80 : 443;
    }

    private static String path(URI address) {
        String path = address.normalize().getPath();
        return path == null ? "" : path.replaceFirst("/+$", "");
    }

    private static boolean below(String pinned, String path) {
        return path.equals(pinned) || path.startsWith(pinned + "/");
    }
}
