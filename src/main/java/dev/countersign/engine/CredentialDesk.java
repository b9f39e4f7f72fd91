package dev.countersign.engine;

import dev.countersign.api.CredentialRequest;
import dev.countersign.api.CredentialView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.egress.Credential;
import dev.countersign.egress.Credentials;
import dev.countersign.egress.SessionCredentials;
import dev.countersign.secrets.KeyStore;
import dev.countersign.secrets.Lockable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;

/// The developer's credentials, as clients ask for them.
///
/// @param keys where values lie
public record CredentialDesk(Credentials credentials, KeyStore keys) {
    List<CredentialView> all() {
        return credentials.all().stream().map(CredentialDesk::view).toList();
    }

    CredentialView add(CredentialRequest request) throws CountersignException {
        URI url;
        try {
            url = new URI(request.url());
        } catch (URISyntaxException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "%s is not an address such as https://api.example.org."
                            .formatted(GuestText.of(request.url()).visible()),
                    e);
        }
        Credential credential =
                new Credential(
                        request.name(),
                        url,
                        request.paths(),
                        request.methods(),
                        request.as(),
                        request.command(),
                        request.env(),
                        request.urlEnv(),
                        request.repository());
        credentials.add(credential, request.value());
        return view(credential);
    }

    void remove(String name) throws CountersignException {
        credentials.remove(name);
    }

    void unlock(String passphrase) throws CountersignException {
        if (!(keys instanceof Lockable store)) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "There is no passphrase here. %s".formatted(keys.protection().says()));
        }
        char[] typed = passphrase.toCharArray();
        try {
            store.unlock(typed);
        } finally {
            Arrays.fill(typed, '\0');
        }
    }

    private static CredentialView view(Credential one) {
        return new CredentialView(
                one.name(),
                one.url().toString(),
                one.paths(),
                one.methods(),
                one.as(),
                one.command(),
                one.env(),
                one.urlEnv(),
                SessionCredentials.GATEWAY + one.name(),
                one.repository());
    }
}
