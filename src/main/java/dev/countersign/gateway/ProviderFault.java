package dev.countersign.gateway;

import dev.countersign.domain.GuestText;

/// An error for the agent; each format writes it in its own way, `type` is the word of Messages.
/// Agents retry 429, 5xx and 529, and give up on the other statuses: each fault picks its status by
/// whether a retry could help.
final class ProviderFault extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST = 2_000;

    private final int status;
    private final String type;

    ProviderFault(int status, String type, String message) {
        super(GuestText.of(message.substring(0, Math.min(message.length(), LONGEST))).visible());
        this.status = status;
        this.type = type;
    }

    /// The request itself is not taken; the same one never will be.
    static ProviderFault refused(String message) {
        return new ProviderFault(400, "invalid_request_error", message);
    }

    /// The provider's answer is not understood, so it is not handed over.
    static ProviderFault notUnderstood(String why) {
        return new ProviderFault(
                502, "api_error", "Countersign did not hand over the model's answer: " + why + ".");
    }

    /// The answer waits and a retry finds it again.
    static ProviderFault undecided(String why) {
        return new ProviderFault(503, "api_error", "Countersign holds the answer: " + why);
    }

    int status() {
        return status;
    }

    String type() {
        return type;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
