package dev.countersign.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificates that this machine trusts, as one file in PEM: where `SSL_CERT_FILE` says, else
/// where distributions keep them.
final class HostCertificates implements Supplier<byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(HostCertificates.class);
    private static final long LARGEST = 4 << 20;
    private static final List<String> USUAL =
            List.of(
                    "/etc/ssl/certs/ca-certificates.crt",
                    "/etc/pki/tls/certs/ca-bundle.crt",
                    "/etc/ssl/ca-bundle.pem",
                    "/etc/ssl/cert.pem");

    private final Map<String, String> environment;

    HostCertificates(Map<String, String> environment) {
        this.environment = environment;
    }

    /// Empty if there is no such file, or it is too large to be one.
    @Override
    public byte[] get() {
        String named = environment.get("SSL_CERT_FILE");
        List<String> places = named == null || named.isBlank() ? USUAL : List.of(named);
        for (String place : places) {
            Path file = Path.of(place);
            try {
                if (Files.isRegularFile(file) && Files.size(file) <= LARGEST) {
                    return Files.readAllBytes(file);
                }
            } catch (IOException e) {
                LOG.warn("the trusted certificates in {} can't be read", file, e);
            }
        }
        return new byte[0];
    }
}
