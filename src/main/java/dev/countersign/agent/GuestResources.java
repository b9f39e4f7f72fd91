package dev.countersign.agent;

import java.util.List;

/// What the warm base needs in the guest for agents to run: files and a setup script.
public final class GuestResources {
    private GuestResources() {}

    /// One file for the guest.
    ///
    /// @param path absolute, owned by root
    /// @param mode permission bits
    public record GuestFile(String path, int mode, byte[] bytes) {}

    /// All files, in the order to write them.
    public static List<GuestFile> files() {
        return List.of();
    }

    /// A POSIX shell script, run once as root after the files are in place.
    public static String setupScript() {
        return "";
    }
}
