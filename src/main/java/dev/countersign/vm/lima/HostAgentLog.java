package dev.countersign.vm.lima;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads what QEMU, Lima's host agent and limactl wrote, which is all that they tell about a
/// failure.
public final class HostAgentLog {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_FILE = 1 << 20;
    private static final int LINES_KEPT = 4;

    private HostAgentLog() {}

    /// Where a start stands by the host agent's own events.
    ///
    /// @param sshPort 0 until known
    /// @param running Lima says READY
    /// @param exiting the host agent ends; the VM is gone
    public record Status(int sshPort, boolean running, boolean degraded, boolean exiting) {}

    /// The last state of all events. A last line without its line feed is not read yet; each event
    /// repeats what stood in earlier ones, and a line that is not JSON is passed over.
    public static Status status(String events) {
        Status status = new Status(0, false, false, false);
        int end = events.lastIndexOf('\n');
        if (end < 0) {
            return status;
        }
        for (String line : events.substring(0, end).split("\n")) {
            JsonNode now = parsed(line).path("status");
            status =
                    new Status(
                            Math.max(status.sshPort(), now.path("sshLocalPort").asInt(0)),
                            status.running() || now.path("running").asBoolean(),
                            status.degraded() || now.path("degraded").asBoolean(),
                            status.exiting() || now.path("exiting").asBoolean());
        }
        return status;
    }

    /// The state of an instance's start.
    public static Status status(Instance instance) {
        return status(read(instance.agentEvents()));
    }

    /// What went wrong, as far as the logs tell, as an error with the next step.
    public static CountersignException failure(Instance instance) {
        List<String> said = new ArrayList<>();
        said.addAll(lastLines(read(instance.qemuSaid())));
        said.addAll(complaints(read(instance.agentLog())));
        said.addAll(complaints(read(instance.startLog())));
        return failure(said);
    }

    static CountersignException failure(List<String> said) {
        String all = GuestText.of(String.join("; ", said)).visible();
        if (all.contains("Could not set up host forwarding")
                || all.contains("address already in use")) {
            return new CountersignException(
                    Kind.CONFLICT,
                    "The VM's ssh port was taken by another program while it started (%s). Start the session again."
                            .formatted(all));
        }
        if (all.contains("No space left") || all.contains("no space left")) {
            return new CountersignException(
                    Kind.EXHAUSTED,
                    "The disk is full, so the VM could not start (%s). Free some space, or delete old sessions."
                            .formatted(all));
        }
        if (all.contains("countersign: refused to start QEMU")) {
            return new CountersignException(
                    Kind.REFUSED,
                    "The VM was not started because it would not have had the boundary (%s). Use limactl 2.1 or 2.2, or see `countersign doctor`."
                            .formatted(all));
        }
        if (all.contains("Cannot allocate memory") || all.contains("cannot set up guest memory")) {
            return new CountersignException(
                    Kind.EXHAUSTED,
                    "There is not enough free memory for the VM (%s). Stop another session, or give this one less."
                            .formatted(all));
        }
        return new CountersignException(
                Kind.FAILED,
                "Lima could not start the VM (%s). `countersign doctor` checks the programs that it needs."
                        .formatted(all.isEmpty() ? "it left no message" : all));
    }

    /// A missing node for a line that is torn or not JSON.
    private static JsonNode parsed(String line) {
        try {
            return JSON.readTree(line);
        } catch (JacksonException _) {
            return MissingNode.getInstance();
        }
    }

    /// The last messages that are an error, or that QEMU wrote.
    static List<String> complaints(String log) {
        List<String> found = new ArrayList<>();
        for (String line : log.split("\n")) {
            JsonNode entry = parsed(line);
            String level = entry.path("level").asText();
            String message = entry.path("msg").asText();
            if (level.equals("fatal")
                    || level.equals("error")
                    || message.startsWith("qemu[stderr]")) {
                found.add(message.strip());
            } else if (entry.isMissingNode() && line.contains("panic")) {
                found.add(line.strip());
            }
        }
        return last(found);
    }

    /// The last of what is no log of Lima's but plain text.
    static List<String> lastLines(String text) {
        return last(text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList());
    }

    private static List<String> last(List<String> found) {
        List<String> distinct = found.stream().distinct().toList();
        return distinct.subList(Math.max(0, distinct.size() - LINES_KEPT), distinct.size());
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > LONGEST_FILE) {
                return "";
            }
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException _) {
            // Not there yet.
            return "";
        }
    }
}
