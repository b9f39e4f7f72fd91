package dev.countersign.gateway.http;

/// A request that is refused before anybody acts on it. The connection is closed after the answer,
/// because where the next request would begin is not known.
public final class HttpFault extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    /// @param status an HTTP error status
    /// @param message our own sentence; what the client sent appears in it in visible form only
    public HttpFault(int status, String message) {
        super(message);
        this.status = status;
    }

    /// The HTTP status to answer with.
    public int status() {
        return status;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
