package dev.countersign.egress;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// TLS that trusts what the host trusts, so that a company's own authority counts.
final class HostTrust {
    private static final Logger LOG = LoggerFactory.getLogger(HostTrust.class);

    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private HostTrust() {}

    /// @param pem certificates; where there are none, or they can't be read, those of the Java
    ///   runtime count
    static SSLSocketFactory of(byte[] pem) {
        return context(pem).getSocketFactory();
    }

    /// The same, for clients that make their own sockets.
    static SSLContext context(byte[] pem) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust(pem).getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    private static TrustManagerFactory trust(byte[] pem)
            throws GeneralSecurityException, IOException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (String block : new String(pem, StandardCharsets.ISO_8859_1).split(BEGIN, -1)) {
            int end = block.indexOf(END);
            if (end < 0) {
                continue;
            }
            byte[] one =
                    (BEGIN + block.substring(0, end + END.length()) + "\n")
                            .getBytes(StandardCharsets.ISO_8859_1);
            try {
                store.setCertificateEntry(
                        "host-" + number++,
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(new ByteArrayInputStream(one)));
            } catch (CertificateException e) {
                // The others count all the same: without them the runtime's own list would.
                LOG.warn("a certificate that this machine trusts can't be read", e);
            }
        }
        factory.init(store.size() == 0 ? null : store);
        return factory;
    }
}
