package dev.countersign.egress;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.journal.Recorder;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// The servers that one session's guest reaches with credentials of the host.
public final class SessionServers implements AutoCloseable {
    /// No credential for nobody.
    public static final SessionServers NONE = new SessionServers(null, null, null);

    private final @Nullable SessionCredentials credentials;
    private final @Nullable ApiServer servers;
    private final @Nullable Recorder recorder;

    private SessionServers(
            @Nullable SessionCredentials credentials,
            @Nullable ApiServer servers,
            @Nullable Recorder recorder) {
        this.credentials = credentials;
        this.servers = servers;
        this.recorder = recorder;
    }

    /// @param trusted certificates that the host trusts, in PEM
    public static SessionServers of(
            SessionCredentials credentials, byte[] trusted, Recorder recorder) {
        return of(credentials, HostTrust.context(trusted), recorder);
    }

    /// @param tls trusts whom the host trusts
    static SessionServers of(SessionCredentials credentials, SSLContext tls, Recorder recorder) {
        return new SessionServers(credentials, new ApiServer(tls), recorder);
    }

    Map<String, String> issue() throws CountersignException {
        return credentials == null ? Map.of() : credentials.issue();
    }

    void revoke(String why) throws CountersignException {
        if (credentials != null) {
            credentials.revoke(why);
        }
    }

    Optional<Credential> usable(String name) {
        return credentials == null ? Optional.empty() : credentials.usable(name);
    }

    String placeholder(Credential credential) {
        return credentials == null ? "" : credentials.placeholder(credential);
    }

    /// Whether the guest reaches this server through the gateway alone.
    boolean brokers(String host, int port) {
        return credentials != null && credentials.brokers(host, port);
    }

    String value(Credential credential) throws CountersignException, InterruptedException {
        return known().value(credential);
    }

    /// On record before anything leaves ([P5]).
    void used(ApiCall call) throws CountersignException {
        if (recorder == null) {
            throw new IllegalStateException("nobody uses a credential where there is none");
        }
        Credential credential = call.credential();
        recorder.record(
                new Fact.CredentialUsed(
                        credential.name(),
                        credential.host() + ":" + credential.port(),
                        call.method(),
                        GuestText.of(call.path())));
    }

    CompletableFuture<HttpResponse<InputStream>> send(ApiCall call, String secret, byte[] body) {
        if (servers == null) {
            throw new IllegalStateException("nobody uses a credential where there is none");
        }
        return servers.send(call, secret, body);
    }

    private SessionCredentials known() {
        if (credentials == null) {
            throw new IllegalStateException("nobody uses a credential where there is none");
        }
        return credentials;
    }

    /// Ends the connections to all servers.
    @Override
    public void close() {
        if (servers != null) {
            servers.close();
        }
    }
}
