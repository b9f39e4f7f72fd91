package dev.countersign.ui.network;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.EgressView;
import dev.countersign.api.PortView;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.ui.common.Banner;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javafx.beans.value.ChangeListener;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignL;

/// Whom the guest reached, whom it was refused, what waits; beside it one host in full.
public final class NetworkPage implements View {
    private static final int SHOWN_CONNECTIONS = 8;

    private final NetworkViewModel model;
    private final VBox root = new VBox();
    private final VBox messages = new VBox();
    private final Label preset = Nodes.label("", "strong");
    private final ListView<NetworkRow> list = new ListView<>();
    private final StackPane place = new StackPane();
    private final VBox nothing =
            Nodes.empty(
                    Icons.icon(MaterialDesignL.LAN_DISCONNECT, "empty-icon"),
                    text("network.none"),
                    text("network.none-why"));
    private final Label sums = Nodes.label("", "second", "muted");
    private final Label bytes = Nodes.label("", "second", "muted");
    private final VBox detail = Nodes.styled(new VBox(), "network-detail");
    private final ChangeListener<Object> onChange = (_, _, _) -> draw();
    private final ChangeListener<@Nullable NetworkRow> onSelect = (_, _, now) -> selected(now);
    private int drawn;
    private boolean drawing;

    /// Nothing is bound before [#attach()].
    public NetworkPage(NetworkViewModel model) {
        this.model = model;
        list.setFixedCellSize(36);
        list.getStyleClass().add("network-list");
        list.setId("network-list");
        list.setAccessibleText(text("tab.network"));
        list.setCellFactory(_ -> new NetworkCell(model));
        place.getChildren().addAll(list, nothing);
        VBox.setVgrow(place, Priority.ALWAYS);
        HBox bar =
                Nodes.styled(
                        Nodes.row(
                                8,
                                Nodes.gate("boundary-enforced"),
                                Nodes.label(text("network.sentence"), "muted"),
                                Nodes.spring(),
                                Nodes.label(text("network.preset"), "muted"),
                                preset),
                        "filter-bar");
        HBox below = Nodes.styled(Nodes.row(12, Nodes.grow(sums), bytes), "page-bar");
        sums.setMaxWidth(Double.MAX_VALUE);
        VBox left = new VBox(header(), place, below);
        HBox.setHgrow(left, Priority.ALWAYS);
        HBox body = new HBox(left, detail);
        VBox.setVgrow(body, Priority.ALWAYS);
        root.getChildren().addAll(messages, bar, body);
        root.addEventFilter(KeyEvent.KEY_PRESSED, this::onKey);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        model.revision().addListener(onChange);
        model.told().addListener(onChange);
        model.busy().addListener(onChange);
        model.chosen().addListener(onChange);
        list.getSelectionModel().selectedItemProperty().addListener(onSelect);
        model.watch(true);
        draw();
    }

    @Override
    public void detach() {
        model.watch(false);
        list.getSelectionModel().selectedItemProperty().removeListener(onSelect);
        model.revision().removeListener(onChange);
        model.told().removeListener(onChange);
        model.busy().removeListener(onChange);
        model.chosen().removeListener(onChange);
    }

    private static HBox header() {
        Label host = Nodes.label(text("network.column-host"), "head-host");
        HBox.setHgrow(host, Priority.ALWAYS);
        host.setMaxWidth(Double.MAX_VALUE);
        return Nodes.styled(
                new HBox(
                        host,
                        Nodes.label(text("network.column-decision"), "network-decision"),
                        Nodes.label(text("network.column-why"), "network-why"),
                        Nodes.label(text("network.column-count"), "network-count"),
                        Nodes.label(text("network.column-bytes"), "network-bytes")),
                "feed-header",
                "network-header");
    }

    private void onKey(KeyEvent e) {
        if (e.getCode() == KeyCode.ESCAPE && model.chosen().get() != null) {
            model.chosen().set(null);
            list.getSelectionModel().clearSelection();
            e.consume();
        }
    }

    private void selected(@Nullable NetworkRow row) {
        if (!drawing && row instanceof NetworkRow.Host host) {
            model.chosen().set(host.line().place());
        }
    }

    private void draw() {
        drawMessages();
        EgressView now = model.egress().get();
        preset.setText(now == null ? text("network.closed-now") : now.preset());
        drawList();
        drawDetail();
    }

    private void drawMessages() {
        messages.getChildren().clear();
        NetworkViewModel.Told told = model.told().get();
        if (told != null) {
            messages.getChildren()
                    .add(
                            Banner.of(
                                    told.problem() ? Banner.Kind.DEGRADED : Banner.Kind.INFO,
                                    told.title(),
                                    told.detail(),
                                    Nodes.button(
                                            text("common.dismiss"), null, null, model::dismiss)));
        }
        EgressView now = model.egress().get();
        if (now != null && now.trouble() != null) {
            messages.getChildren()
                    .add(Banner.of(Banner.Kind.STOPPED, text("network.trouble"), now.trouble()));
        }
    }

    private void drawList() {
        drawn++;
        List<NetworkRow> rows = new ArrayList<>();
        part(rows, text("network.part-waiting"), HostLine.Standing.WAITING);
        part(rows, text("network.part-reached"), HostLine.Standing.REACHED);
        part(rows, text("network.part-refused"), HostLine.Standing.REFUSED);
        if (!model.ports().isEmpty()) {
            rows.add(new NetworkRow.Heading(text("network.part-ports")));
            for (PortView each : model.ports()) {
                rows.add(new NetworkRow.Port(each));
            }
        }
        drawing = true;
        try {
            list.getItems().setAll(rows);
            String chosen = model.chosen().get();
            for (int i = 0; i < rows.size(); i++) {
                if (rows.get(i) instanceof NetworkRow.Host host
                        && host.line().place().equals(chosen)) {
                    list.getSelectionModel().select(i);
                }
            }
        } finally {
            drawing = false;
        }
        Nodes.show(nothing, rows.isEmpty());
        Nodes.show(list, !rows.isEmpty());
        int reached = model.hosts(HostLine.Standing.REACHED).size();
        int refused = model.hosts(HostLine.Standing.REFUSED).size();
        int waiting = model.hosts(HostLine.Standing.WAITING).size();
        String words = text("network.sums", model.count(), reached, refused, waiting);
        sums.setText(
                model.uncounted() > 0
                        ? words
                                + " "
                                + text(
                                        "network.uncounted",
                                        NetworkViewModel.MOST,
                                        Words.count(model.uncounted()))
                        : words);
        long out = 0;
        long in = 0;
        for (HostLine.Standing standing : HostLine.Standing.values()) {
            for (HostLine line : model.hosts(standing)) {
                out += line.sent();
                in += line.received();
            }
        }
        bytes.setText(text("network.bytes", Words.bytes(out), Words.bytes(in)));
    }

    private void part(List<NetworkRow> rows, String title, HostLine.Standing standing) {
        List<HostLine> lines = model.hosts(standing);
        if (!lines.isEmpty()) {
            rows.add(new NetworkRow.Heading(title));
            lines.forEach(line -> rows.add(new NetworkRow.Host(line, drawn)));
        }
    }

    private void drawDetail() {
        detail.getChildren().clear();
        HostLine line = model.host(model.chosen().get());
        if (line == null) {
            VBox empty =
                    Nodes.empty(
                            Icons.icon(MaterialDesignL.LAN, "empty-icon"),
                            text("network.choose"),
                            text("network.choose-why"));
            VBox.setVgrow(empty, Priority.ALWAYS);
            detail.getChildren().add(empty);
            return;
        }
        Label name = Guest.label(GuestText.of(line.place()), "card-title");
        name.setMinWidth(0);
        HBox.setHgrow(name, Priority.ALWAYS);
        name.setMaxWidth(Double.MAX_VALUE);
        HBox head = Nodes.styled(Nodes.row(12, name), "card-head");
        EgressView.Host grant = model.grantOf(line.place());
        if (grant != null) {
            Button revoke =
                    Nodes.button(
                            text("network.revoke"), null, null, () -> model.revoke(line.place()));
            revoke.setId("revoke");
            revoke.setAccessibleText(text("network.revoke-of", Guest.place(line.place())));
            revoke.setDisable(model.busy().get());
            head.getChildren().add(revoke);
        }
        VBox parts = new VBox(facts(line, grant));
        if (!line.connections().isEmpty()) {
            parts.getChildren().add(connections(line));
        }
        parts.getChildren()
                .add(
                        section(
                                text("network.not-seen"),
                                Nodes.paragraph(
                                        line.connections().stream()
                                                        .anyMatch(HostLine.Connection::allowed)
                                                ? text("network.not-seen-why")
                                                : text("network.not-seen-refused"),
                                        "muted")));
        ScrollPane scroll = new ScrollPane(parts);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.getStyleClass().add("card-scroll");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        detail.getChildren().addAll(head, scroll);
    }

    private VBox facts(HostLine line, EgressView.@Nullable Host grant) {
        VBox box = Nodes.styled(Nodes.column(8), "section");
        Fact.ConnectionDecided last = line.decided();
        Instant at = line.decidedAt();
        fact(
                box,
                text("network.decision"),
                at == null
                        ? Nodes.paragraph(NetworkCell.word(line))
                        : Nodes.paragraph(
                                text(
                                        "network.decision-at",
                                        NetworkCell.word(line),
                                        Words.second(at))));
        if (last != null && !last.says().isEmpty()) {
            fact(box, text("network.said"), Nodes.paragraph(Guest.line(GuestText.of(last.says()))));
        }
        if (grant != null) {
            fact(
                    box,
                    text("network.grant"),
                    Nodes.paragraph(
                            text(
                                    "network.grant-of",
                                    scope(grant.scope()),
                                    Words.minute(grant.granted(), model.clock().instant()))));
            Instant until = grant.until();
            if (until != null) {
                fact(
                        box,
                        text("network.until"),
                        Nodes.paragraph(Words.minute(until, model.clock().instant())));
            }
        } else if (line.revokedAt() != null) {
            fact(
                    box,
                    text("network.grant"),
                    Nodes.paragraph(
                            text(
                                    "network.grant-revoked",
                                    Words.second(Objects.requireNonNull(line.revokedAt())))));
        }
        if (last != null && last.address() != null) {
            fact(box, text("network.address"), Nodes.label(last.address(), "mono"));
        }
        if (last != null && !last.flags().isEmpty()) {
            fact(
                    box,
                    text("network.flags"),
                    Nodes.paragraph(String.join(", ", last.flags()), "mono"));
        }
        GuestText process = line.process();
        if (process != null) {
            Label words = Guest.label(process, "mono");
            words.setWrapText(true);
            fact(box, text("network.claimed-by"), words);
        }
        fact(
                box,
                text("network.credential"),
                line.credentials().isEmpty()
                        ? Nodes.paragraph(text("network.no-credential"))
                        : Nodes.paragraph(String.join(", ", line.credentials()), "mono"));
        return box;
    }

    private static String scope(String scope) {
        return switch (scope) {
            case "once" -> text("network.scope-once");
            case "repository" -> text("network.scope-repository");
            default -> text("network.scope-session");
        };
    }

    private static void fact(VBox box, String name, Node value) {
        Label label = Nodes.label(name, "muted", "network-fact");
        HBox row = new HBox(8, label, Nodes.grow(value));
        if (value instanceof Region region) {
            region.setMaxWidth(Double.MAX_VALUE);
            region.setMinWidth(0);
        }
        box.getChildren().add(row);
    }

    private VBox connections(HostLine line) {
        VBox box = Nodes.column(6);
        List<HostLine.Connection> all = line.connections();
        for (HostLine.Connection each : all.subList(0, Math.min(SHOWN_CONNECTIONS, all.size()))) {
            Label what = Nodes.label(state(line, each));
            what.setMinWidth(0);
            HBox.setHgrow(what, Priority.ALWAYS);
            what.setMaxWidth(Double.MAX_VALUE);
            Fact.ConnectionEnded ended = each.ended();
            box.getChildren()
                    .add(
                            Nodes.row(
                                    10,
                                    Nodes.label(Words.second(each.at()), "mono-small", "muted"),
                                    what,
                                    Nodes.label(
                                            ended == null
                                                    ? ""
                                                    : text(
                                                            "network.out-in",
                                                            Words.bytes(ended.sent()),
                                                            Words.bytes(ended.received())),
                                            "second",
                                            "muted")));
        }
        long more = line.wanted() - Math.min(SHOWN_CONNECTIONS, all.size());
        if (more > 0) {
            box.getChildren()
                    .add(Nodes.label(text("network.more", Words.count(more)), "second", "muted"));
        }
        return section(text("network.connections"), box);
    }

    private static String state(HostLine line, HostLine.Connection each) {
        if (!each.allowed()) {
            return text("network.connection-refused");
        }
        Fact.ConnectionEnded ended = each.ended();
        Instant end = each.endedAt();
        if (ended == null || end == null) {
            return line.openCount() > 0
                    ? text("network.connection-open")
                    : text("network.connection-unseen");
        }
        String took = Words.span(Duration.between(each.at(), end));
        return ended.reason().equals("closed")
                ? text("network.connection-closed", took)
                : text("network.connection-ended", took, ended.reason());
    }

    private static VBox section(String title, Node body) {
        return Nodes.styled(Nodes.column(8, Nodes.label(title, "section-title"), body), "section");
    }
}
