package dev.countersign.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.GuestText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What every format's reader does with the blocks that it understood: those before the first call
/// go through, those from there on are held.
final class Gathering {
    private static final Pattern CALL_ID = Pattern.compile("[A-Za-z0-9_.:-]{1,160}");
    private static final Pattern TOOL = Pattern.compile("[A-Za-z0-9_.:/-]{1,200}");

    private final PartSink through;
    private final Set<String> ids = new HashSet<>();
    private final List<Turn.Block> open = new ArrayList<>();
    private final List<Turn.Block> held = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private @Nullable ObjectNode frame;
    private boolean holding;

    Gathering(PartSink through) {
        this.through = through;
    }

    boolean begun() {
        return frame != null;
    }

    void begin(ObjectNode given) throws ProviderFault {
        if (frame != null) {
            throw ProviderFault.notUnderstood("it begins twice");
        }
        frame = given;
        through.part(new Part.Begun(given.deepCopy()));
    }

    /// From here on nothing goes through.
    void hold() {
        holding = true;
    }

    boolean holding() {
        return holding;
    }

    /// How many blocks are complete.
    int size() {
        return open.size() + held.size();
    }

    void opened(ObjectNode block) throws ProviderFault {
        if (frame == null) {
            throw ProviderFault.notUnderstood("a block stands outside of the answer");
        }
        if (!holding) {
            through.part(new Part.Opened(block));
        }
    }

    void grown(ObjectNode delta) {
        if (!holding) {
            through.part(new Part.Grown(delta));
        }
    }

    void closed(Turn.Block block) {
        if (holding) {
            held.add(block);
        } else {
            open.add(block);
            through.part(new Part.Closed(block));
        }
    }

    /// A call, complete.
    void called(Turn.Block block) {
        holding = true;
        held.add(block);
    }

    /// Adds to the model's own words.
    void say(String piece) {
        text.append(piece);
    }

    /// Begins a new paragraph of the model's words, if there are any.
    void saidAll() {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
            text.append('\n');
        }
    }

    /// Checks the names of a call.
    ///
    /// @throws ProviderFault if the id is none or came before in this answer
    void checkCall(String id, String tool) throws ProviderFault {
        if (!CALL_ID.matcher(id).matches() || !TOOL.matcher(tool).matches() || !ids.add(id)) {
            throw ProviderFault.notUnderstood(
                    "a call has no proper id and name, or an id comes twice");
        }
    }

    boolean hasCalls() {
        return held.stream().anyMatch(block -> block.call() != null);
    }

    Turn turn(ObjectNode ending, Tokens tokens) throws ProviderFault {
        ObjectNode around = frame;
        if (around == null) {
            throw ProviderFault.notUnderstood("it ends before it begins");
        }
        return new Turn(around, open, held, ending, text.toString().strip(), tokens);
    }

    /// Something that is not known and must not be handed on.
    static ProviderFault unknown(String what, String name) {
        return ProviderFault.notUnderstood(
                "it has " + what + " that is not known: " + GuestText.of(name).visible());
    }
}
