package dev.countersign.gate.policy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Which class of data may go to which model provider, from the records of `data-policy.yaml`.
/// Without the file there are the built-in ones: models on this machine for all data, the known
/// providers at their own addresses for public and internal data. With it only its records count,
/// and models on this machine.
///
/// ```java
/// Admission admission = policy.admit(provider, DataClass.CONFIDENTIAL, LocalDate.now(clock));
/// ```
///
/// @param file as refusals name it
/// @param present whether there is a file
/// @param reviewDays for how long a review counts
public record DataPolicy(
        Path file,
        boolean present,
        int reviewDays,
        ToModel toModel,
        OnCanary onCanary,
        List<ProviderRecord> records) {
    static final int REVIEW_DAYS = 365;

    /// A provider without a record of the developer's own may get these.
    private static final Set<DataClass> UNRECORDED =
            EnumSet.of(DataClass.PUBLIC, DataClass.INTERNAL);

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final String HERE = "this machine";
    private static final String BUILT_IN = "built-in";

    /// What is done about secrets in what the agent sends to its model.
    public enum ToModel {
        /// They are sent, and the journal says that they were.
        WARN,
        /// Placeholders are sent in their place.
        REPLACE
    }

    /// What is done when a canary is about to leave the guest; it is refused in any case.
    public enum OnCanary {
        /// The session is frozen.
        FREEZE,
        /// The session goes on.
        REFUSE
    }

    /// A provider as it is set up.
    ///
    /// @param address null: the bundled model, which asks nobody
    /// @param known whether it is one that the program knows, at its own address
    public record Provider(String name, @Nullable URI address, boolean known) {
        /// Whether it runs on this machine, as far as its address says.
        public boolean local() {
            URI at = address;
            return at == null || (at.getHost() != null && LOOPBACK.contains(at.getHost()));
        }
    }

    /// What lets the data go there.
    ///
    /// @param record such as `data-policy.yaml:4`, or `built-in`
    /// @param warning what a person should know of it; null: nothing
    public record Admission(
            String processor,
            String region,
            String record,
            @Nullable String warning,
            ToModel secrets,
            OnCanary onCanary) {}

    /// Keeps a copy.
    public DataPolicy {
        records = List.copyOf(records);
    }

    /// Reads the developer's file.
    ///
    /// @param file may be absent
    /// @throws CountersignException REFUSED with the lines of all faults
    public static DataPolicy read(Path file) throws CountersignException {
        if (!Files.exists(file)) {
            return new DataPolicy(
                    file, false, REVIEW_DAYS, ToModel.WARN, OnCanary.FREEZE, List.of());
        }
        DataPolicyReader reader = new DataPolicyReader(file);
        DataPolicy policy = reader.read(PolicyCheck.text(file));
        if (policy == null) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "The data policy %s is refused: %s No session starts before it is correct; `countersign provider records` checks it."
                            .formatted(file, PolicyFinding.summary(reader.findings())));
        }
        return policy;
    }

    /// Everything that is wrong with a file, in the order of lines; empty if all is well.
    ///
    /// @throws CountersignException USAGE if it can't be read
    public static List<PolicyFinding> check(Path file) throws CountersignException {
        DataPolicyReader reader = new DataPolicyReader(file);
        reader.read(PolicyCheck.text(file));
        return reader.findings();
    }

    /// Lets data of this class go to the provider, or says why not.
    ///
    /// @throws CountersignException REFUSED with the reason and the next step
    public Admission admit(Provider provider, DataClass data, LocalDate today)
            throws CountersignException {
        Optional<ProviderRecord> found = record(provider.name());
        if (found.isEmpty()) {
            return unrecorded(provider, data);
        }
        ProviderRecord record = found.get();
        if (!record.classes().contains(data)) {
            throw refused(
                    provider,
                    data,
                    "its record in %s allows %s alone".formatted(place(record), words(record)),
                    "Choose another provider, or have the record reviewed for %s data."
                            .formatted(data.word()));
        }
        if (!record.covers(provider.address())) {
            throw refused(
                    provider,
                    data,
                    "its record in %s is for %s, and it is set up at %s"
                            .formatted(place(record), record.baseUrl(), shown(provider)),
                    "Set it up at that address with `countersign provider add`, or have the record reviewed for the other one.");
        }
        String stale = stale(record, today);
        if (stale != null && data != DataClass.PUBLIC) {
            throw refused(
                    provider,
                    data,
                    stale,
                    "Review the record and write the day of it into reviewed-on.");
        }
        return admission(
                record.processor(),
                record.region(),
                place(record),
                stale == null ? null : "For public data it counts all the same: " + stale + ".");
    }

    private Admission admission(
            String processor, String region, String record, @Nullable String warning) {
        return new Admission(processor, region, record, warning, toModel, onCanary);
    }

    private Admission unrecorded(Provider provider, DataClass data) throws CountersignException {
        if (provider.local()) {
            return admission(HERE, HERE, BUILT_IN, null);
        }
        if (!present && provider.known() && UNRECORDED.contains(data)) {
            return admission(
                    provider.name(),
                    "not pinned",
                    BUILT_IN,
                    data == DataClass.PUBLIC
                            ? null
                            : "Nobody has a record of what becomes of internal data at %s. Write one: countersign provider records --example."
                                    .formatted(provider.name()));
        }
        throw refused(
                provider,
                data,
                present
                        ? "%s has no record of it".formatted(file)
                        : "there is no record of it, for %s does not exist".formatted(file),
                "Write one (`countersign provider records --example` prints a filled one), or choose a model on this machine.");
    }

    /// Why the review does not count today; null: it does.
    private @Nullable String stale(ProviderRecord record, LocalDate today) {
        if (record.reviewedOn().isAfter(today)) {
            return "its record in %s was reviewed on %s, which is still to come"
                    .formatted(place(record), record.reviewedOn());
        }
        LocalDate due = due(record);
        return today.isAfter(due)
                ? "the review of its record in %s ended on %s".formatted(place(record), due)
                : null;
    }

    /// The last day on which the record counts.
    public LocalDate due(ProviderRecord record) {
        return record.reviewedOn().plusDays(reviewDays);
    }

    /// Whether its review counts on that day.
    public boolean counts(ProviderRecord record, LocalDate day) {
        return stale(record, day) == null;
    }

    private Optional<ProviderRecord> record(String name) {
        return records.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    private String place(ProviderRecord record) {
        return file.getFileName() + ":" + record.line();
    }

    private static String words(ProviderRecord record) {
        return record.classes().stream()
                .sorted()
                .map(DataClass::word)
                .collect(Collectors.joining(", "));
    }

    private static String shown(Provider provider) {
        URI address = provider.address();
        return address == null ? HERE : GuestText.of(address.toString()).visible();
    }

    private static CountersignException refused(
            Provider provider, DataClass data, String why, String next) {
        return new CountersignException(
                Kind.REFUSED,
                "%s data may not go to the provider %s: %s. %s"
                        .formatted(
                                capital(data.word()),
                                GuestText.of(provider.name()).visible(),
                                why,
                                next));
    }

    private static String capital(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }
}
