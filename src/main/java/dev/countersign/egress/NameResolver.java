package dev.countersign.egress;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Finds the addresses of a name, on the host. The guest resolves nothing.
@FunctionalInterface
public interface NameResolver {
    /// All addresses, in order of preference; empty if there are none.
    List<byte[]> addresses(String canonicalName);

    /// The host's own resolver.
    static NameResolver ofHost() {
        return name -> {
            try {
                List<byte[]> found = new ArrayList<>();
                // A dot at the end keeps search domains out.
                for (InetAddress address : InetAddress.getAllByName(name + ".")) {
                    found.add(address.getAddress());
                }
                return found;
            } catch (UnknownHostException e) {
                return List.of();
            }
        };
    }

    /// Lines `address name`, in place of DNS; a name may stand in several.
    ///
    /// @throws IOException if the file can't be read or a line is neither that nor a comment
    static NameResolver ofFile(Path file) throws IOException {
        Map<String, List<byte[]>> known = new HashMap<>();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            number++;
            String text = line.replaceFirst("#.*", "").strip();
            if (text.isEmpty()) {
                continue;
            }
            String[] words = text.split("\\s+");
            CanonicalHost address = CanonicalHost.read(words[0]).host();
            byte[] bytes = address == null ? null : address.bytes();
            if (bytes == null || words.length < 2) {
                throw new IOException("line " + number + " is not `address name`");
            }
            for (int i = 1; i < words.length; i++) {
                CanonicalHost name = CanonicalHost.read(words[i]).host();
                if (name == null) {
                    throw new IOException("line " + number + " names no host");
                }
                known.computeIfAbsent(name.name(), _ -> new ArrayList<>()).add(bytes);
            }
        }
        return name -> known.getOrDefault(name, List.of());
    }
}
