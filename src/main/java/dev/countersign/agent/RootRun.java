package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.gateway.SudoDesk;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A command that was allowed to run as root of the guest: started by the host over its own
/// connection, so that nothing of the agent's stands between decision and run.
public final class RootRun implements SudoDesk.Run {
    private static final Logger LOG = LoggerFactory.getLogger(RootRun.class);
    private static final Duration ENDING = Duration.ofSeconds(15);
    private static final int SMALL = 4096;

    private final Link link;
    private final String id;
    private final GuestProcess process;
    private volatile boolean ended;

    private RootRun(Link link, String id, GuestProcess process) {
        this.link = link;
        this.id = id;
        this.process = process;
    }

    /// @param id hexadecimal digits that no other run has
    /// @param input all that the command reads
    /// @throws CountersignException if the link is down
    public static RootRun begin(Link link, String id, List<String> argv, String cwd, byte[] input)
            throws CountersignException {
        List<String> words =
                new ArrayList<>(
                        List.of("setsid", "-w", "sh", "-c", GuestScripts.ROOT, "sudo", id, cwd));
        words.addAll(argv);
        GuestProcess process = link.start(words);
        // A command need not read what it is given, nor before it prints.
        Thread.ofPlatform().daemon().name("root-input").start(() -> give(process.stdin(), input));
        return new RootRun(link, id, process);
    }

    private static void give(OutputStream stdin, byte[] input) {
        try (stdin) {
            stdin.write(input);
        } catch (IOException e) {
            LOG.debug("a command did not read all of its input", e);
        }
    }

    @Override
    public int pass(OutputStream stdout, OutputStream stderr) throws InterruptedException {
        Thread errors =
                Thread.ofPlatform()
                        .daemon()
                        .name("root-errors")
                        .start(() -> copy(process.stderr(), stderr));
        copy(process.stdout(), stdout);
        errors.join();
        int code = process.waitFor();
        ended = true;
        return code;
    }

    private static void copy(InputStream from, OutputStream to) {
        try {
            from.transferTo(to);
        } catch (IOException e) {
            LOG.debug("a command's output ended", e);
        }
    }

    /// Harmless once it has ended.
    @Override
    public void stop() {
        if (!ended) {
            ended = true;
            Thread.ofVirtual().name("root-stop").start(this::end);
        }
    }

    private void end() {
        try {
            link.run(
                    List.of("sh", "-c", GuestScripts.END_ROOT, "sudo", id),
                    new byte[0],
                    ENDING,
                    SMALL);
        } catch (CountersignException e) {
            LOG.warn("a command of root's could not be ended in the guest", e);
        } finally {
            process.close();
        }
    }
}
