package dev.countersign.ui.network;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.PortView;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.Words;
import java.time.Duration;
import java.time.Instant;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignA;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;

/// A heading, a host or a port of the guest.
final class NetworkCell extends ListCell<NetworkRow> {
    private static final PseudoClass WAITS = PseudoClass.getPseudoClass("waits");
    private static final PseudoClass HEADING = PseudoClass.getPseudoClass("heading");

    private final NetworkViewModel model;

    NetworkCell(NetworkViewModel model) {
        this.model = model;
        getStyleClass().add("network-cell");
        setPrefWidth(0);
    }

    /// Why, in as few words as a column has.
    static String why(HostLine line) {
        Fact.ConnectionDecided last = line.decided();
        if (line.heldCount() > 0) {
            return text("network.why-first-use");
        }
        if (last == null) {
            return "";
        }
        if (last.reason().equals("granted")) {
            Instant at = line.grantedAt();
            return at == null
                    ? text("network.why-granted")
                    : text("network.why-granted-at", Words.second(at));
        }
        return why(last.reason());
    }

    /// The words of a reason; of most it is the code that says most in a column.
    private static String why(String reason) {
        return switch (reason) {
            case "rule-allow" -> text("network.why-rule-allow");
            case "rule-private" -> text("network.why-rule-private");
            case "rule-deny" -> text("network.why-rule-deny");
            case "preset-web" -> text("network.why-preset-web");
            case "preset-locked" -> text("network.why-preset-locked");
            case "registry" -> text("network.why-registry");
            case "credential" -> text("network.why-credential");
            case "person-denied" -> text("network.why-person-denied");
            case "unanswered" -> text("network.why-unanswered");
            case "unknown-host" -> text("network.why-unknown-host");
            case "metadata" -> text("network.why-metadata");
            case "dns-failed" -> text("network.why-dns-failed");
            case "dial-failed" -> text("network.why-dial-failed");
            case "canary" -> text("network.why-canary");
            case "policy-broken" -> text("network.why-policy-broken");
            case "port-not-named" -> text("network.why-port-not-named");
            default -> reason.replace('-', ' ');
        };
    }

    @Override
    protected void updateItem(@Nullable NetworkRow row, boolean empty) {
        super.updateItem(row, empty);
        setText(null);
        boolean heading = !empty && row instanceof NetworkRow.Heading;
        pseudoClassStateChanged(HEADING, heading);
        pseudoClassStateChanged(
                WAITS,
                !empty
                        && row instanceof NetworkRow.Host host
                        && host.line().standing() == HostLine.Standing.WAITING);
        setMouseTransparent(heading);
        setGraphic(
                empty || row == null
                        ? null
                        : switch (row) {
                            case NetworkRow.Heading it -> Nodes.label(it.title(), "section-title");
                            case NetworkRow.Host it -> host(it.line());
                            case NetworkRow.Port it -> port(it.view());
                        });
    }

    private Node host(HostLine line) {
        Label place = Guest.label(GuestText.of(line.place()), "mono");
        place.setMaxWidth(Double.MAX_VALUE);
        place.setMinWidth(80);
        HBox.setHgrow(place, Priority.ALWAYS);
        Label why = Nodes.label(why(line), "muted", "network-why");
        HBox row = Nodes.row(0, place, decision(line), why);
        if (line.standing() == HostLine.Standing.WAITING) {
            Button look =
                    small(Nodes.button(text("feed.look"), null, null, () -> look(line.place())));
            look.setAccessibleText(text("network.look-at", Guest.place(line.place())));
            HBox end = Nodes.styled(Nodes.row(0, look), "network-end");
            end.setAlignment(Pos.CENTER_RIGHT);
            row.getChildren().add(end);
        } else {
            row.getChildren()
                    .addAll(
                            Nodes.label(Words.count(line.wanted()), "network-count"),
                            Nodes.label(
                                    text(
                                            "network.out-in",
                                            Words.bytes(line.sent()),
                                            Words.bytes(line.received())),
                                    "network-bytes"));
        }
        setAccessibleText(Guest.place(line.place()) + ", " + word(line) + ", " + why(line));
        return row;
    }

    private void look(String place) {
        model.look(place);
    }

    private HBox decision(HostLine line) {
        HBox box = Nodes.styled(Nodes.row(6), "network-decision");
        switch (line.standing()) {
            case WAITING -> {
                Instant since = line.heldSince();
                box.getChildren()
                        .addAll(
                                Icons.icon(MaterialDesignC.CLOCK_OUTLINE, "verdict-waits-medium"),
                                Nodes.label(word(line), "strong"));
                if (since != null) {
                    box.getChildren()
                            .add(
                                    Nodes.label(
                                            Words.age(
                                                    Duration.between(
                                                            since, model.clock().instant())),
                                            "muted"));
                }
            }
            case REACHED ->
                    box.getChildren()
                            .addAll(
                                    isGrant(line)
                                            ? Icons.icon(
                                                    MaterialDesignA.ACCOUNT_OUTLINE,
                                                    "verdict-person")
                                            : Icons.icon(MaterialDesignC.CHECK, "verdict-ok"),
                                    Nodes.label(word(line)));
            case REFUSED ->
                    box.getChildren()
                            .addAll(
                                    Icons.icon(MaterialDesignC.CLOSE, "verdict-no"),
                                    Nodes.label(word(line), "strong"));
        }
        return box;
    }

    private static boolean isGrant(HostLine line) {
        Fact.ConnectionDecided last = line.decided();
        return last != null && last.reason().equals("granted");
    }

    /// The verdict in words.
    static String word(HostLine line) {
        return switch (line.standing()) {
            case WAITING -> text("network.waiting");
            case REACHED -> {
                Fact.HostsGranted granted = line.granted();
                yield isGrant(line) && granted != null && granted.scope().equals("once")
                        ? text("network.allowed-once")
                        : text("network.allowed");
            }
            case REFUSED -> text("network.denied");
        };
    }

    private Node port(PortView view) {
        HBox place = Nodes.row(8, Nodes.label(Integer.toString(view.guestPort()), "mono"));
        GuestText process = view.process();
        if (process != null) {
            place.getChildren()
                    .addAll(
                            Nodes.label(text("network.port-by"), "muted"),
                            Guest.label(process, "mono-small"));
        }
        place.setMinWidth(0);
        HBox.setHgrow(place, Priority.ALWAYS);
        Integer host = view.hostPort();
        Label state =
                Nodes.label(
                        host == null
                                ? text("network.port-closed")
                                : text("network.port-open", Integer.toString(host)),
                        host == null ? "muted" : "strong",
                        "network-state");
        String port = Integer.toString(view.guestPort());
        Button act =
                small(
                        host == null
                                ? Nodes.button(
                                        text("network.forward"),
                                        null,
                                        null,
                                        () -> model.forward(view.guestPort()))
                                : Nodes.button(
                                        text("network.close"),
                                        null,
                                        null,
                                        () -> model.close(view.guestPort())));
        act.setId("port-" + port);
        act.setAccessibleText(
                host == null ? text("network.forward-of", port) : text("network.close-of", port));
        act.setDisable(model.busy().get());
        setAccessibleText(text("network.port-named", port));
        HBox end = Nodes.styled(Nodes.row(0, act), "network-end");
        end.setAlignment(Pos.CENTER_RIGHT);
        return Nodes.row(0, place, state, end);
    }

    private static Button small(Button button) {
        button.getStyleClass().add("small-button");
        button.setMinWidth(Region.USE_PREF_SIZE);
        return button;
    }
}
