package dev.countersign.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads addresses in every spelling that a resolver somewhere accepts, and says what an address is
/// for. Sources: the special-purpose registries of IANA (RFC 6890), inet_aton(3), RFC 4291, 6052,
/// 3056, 4380, 5214.
final class Addresses {
    /// Services that hand out a machine's credentials; never allowed, whatever a rule says.
    private static final List<byte[]> METADATA =
            List.of(
                    v4(169, 254, 169, 254),
                    v4(169, 254, 169, 253),
                    v4(169, 254, 169, 123),
                    v4(169, 254, 170, 2),
                    v4(169, 254, 170, 23),
                    v4(169, 254, 0, 23),
                    v4(168, 63, 129, 16),
                    v4(100, 100, 100, 200),
                    v4(192, 0, 0, 192),
                    v6("fd00:ec2::254"),
                    v6("fd00:ec2::253"),
                    v6("fd00:ec2::23"),
                    v6("fd20:ce::254"),
                    v6("fd00:42::42"));

    private record Block(byte[] prefix, int bits, Reason reason) {
        boolean holds(byte[] address) {
            if (address.length != prefix.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit += 8) {
                int mask = bits - bit >= 8 ? 0xff : (0xff << (8 - (bits - bit))) & 0xff;
                if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final List<Block> BLOCKS =
            List.of(
                    new Block(v4(0, 0, 0, 0), 8, Reason.IP_UNSPECIFIED),
                    new Block(v4(10, 0, 0, 0), 8, Reason.IP_PRIVATE),
                    new Block(v4(100, 64, 0, 0), 10, Reason.IP_CGNAT),
                    new Block(v4(127, 0, 0, 0), 8, Reason.IP_LOOPBACK),
                    new Block(v4(169, 254, 0, 0), 16, Reason.IP_LINK_LOCAL),
                    new Block(v4(172, 16, 0, 0), 12, Reason.IP_PRIVATE),
                    new Block(v4(192, 0, 0, 0), 24, Reason.IP_RESERVED),
                    new Block(v4(192, 0, 2, 0), 24, Reason.IP_RESERVED),
                    new Block(v4(192, 88, 99, 0), 24, Reason.IP_EMBEDDED),
                    new Block(v4(192, 168, 0, 0), 16, Reason.IP_PRIVATE),
                    new Block(v4(198, 18, 0, 0), 15, Reason.IP_RESERVED),
                    new Block(v4(198, 51, 100, 0), 24, Reason.IP_RESERVED),
                    new Block(v4(203, 0, 113, 0), 24, Reason.IP_RESERVED),
                    new Block(v4(224, 0, 0, 0), 4, Reason.IP_MULTICAST),
                    new Block(v4(255, 255, 255, 255), 32, Reason.IP_MULTICAST),
                    new Block(v4(240, 0, 0, 0), 4, Reason.IP_RESERVED),
                    new Block(v6("::"), 128, Reason.IP_UNSPECIFIED),
                    new Block(v6("::1"), 128, Reason.IP_LOOPBACK),
                    new Block(v6("::ffff:0:0"), 96, Reason.IP_EMBEDDED),
                    new Block(v6("::"), 80, Reason.IP_EMBEDDED),
                    new Block(v6("64:ff9b::"), 32, Reason.IP_EMBEDDED),
                    new Block(v6("2002::"), 16, Reason.IP_EMBEDDED),
                    new Block(v6("2001::"), 32, Reason.IP_EMBEDDED),
                    new Block(v6("2001::"), 23, Reason.IP_RESERVED),
                    new Block(v6("2001:db8::"), 32, Reason.IP_RESERVED),
                    new Block(v6("3fff::"), 20, Reason.IP_RESERVED),
                    new Block(v6("fc00::"), 7, Reason.IP_PRIVATE),
                    new Block(v6("fe80::"), 10, Reason.IP_LINK_LOCAL),
                    new Block(v6("fec0::"), 10, Reason.IP_PRIVATE),
                    new Block(v6("ff00::"), 8, Reason.IP_MULTICAST));
    private static final Block GLOBAL = new Block(v6("2000::"), 3, Reason.IP_RESERVED);

    private Addresses() {}

    /// Why nothing may be sent there; empty for a public address.
    static Optional<Reason> refused(byte[] address) {
        if (metadata(address)) {
            return Optional.of(Reason.METADATA);
        }
        for (Block block : BLOCKS) {
            if (block.holds(address)) {
                return Optional.of(embeddedMetadata(address) ? Reason.METADATA : block.reason());
            }
        }
        if (address.length == 16 && (!GLOBAL.holds(address) || isatap(address))) {
            return Optional.of(isatap(address) ? Reason.IP_EMBEDDED : Reason.IP_RESERVED);
        }
        return Optional.empty();
    }

    static boolean metadata(byte[] address) {
        return METADATA.stream().anyMatch(known -> Arrays.equals(known, address));
    }

    /// A metadata address as the last four bytes, as in a mapped or a translated address.
    private static boolean embeddedMetadata(byte[] address) {
        return address.length == 16 && metadata(Arrays.copyOfRange(address, 12, 16));
    }

    private static boolean isatap(byte[] address) {
        return (address[8] & 0xfd) == 0
                && address[9] == 0
                && address[10] == 0x5e
                && (address[11] & 0xff) == 0xfe;
    }

    /// Whether resolvers take a name like this for an IPv4 address: its last label is a number.
    static boolean numeric(String host) {
        String last = host.substring(host.lastIndexOf('.') + 1);
        return !last.isEmpty()
                && (last.chars().allMatch(c -> c >= '0' && c <= '9')
                        || last.matches("0[xX][0-9a-fA-F]*"));
    }

    /// One to four numbers, each decimal, octal or hexadecimal, the last one filling what is left.
    static byte @Nullable [] anySpelling(String host) {
        String[] parts = host.split("\\.", -1);
        if (parts.length > 4) {
            return null;
        }
        long value = 0;
        for (int i = 0; i < parts.length; i++) {
            long part = number(parts[i]);
            boolean last = i == parts.length - 1;
            long most = last ? (1L << (8 * (5 - parts.length))) - 1 : 255;
            if (part < 0 || part > most) {
                return null;
            }
            value = (last ? value << (8 * (5 - parts.length)) : value << 8) | part;
        }
        return v4((int) (value >> 24), (int) (value >> 16), (int) (value >> 8), (int) value);
    }

    private static long number(String text) {
        try {
            if (text.isEmpty() || text.length() > 20 || text.charAt(0) == '+') {
                return -1;
            }
            if (text.startsWith("0x") || text.startsWith("0X")) {
                return text.length() == 2 ? 0 : Long.parseUnsignedLong(text.substring(2), 16);
            }
            boolean octal = text.length() > 1 && text.charAt(0) == '0';
            return Long.parseLong(text, octal ? 8 : 10);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /// Without a zone; null if it is none (RFC 4291, with a dotted tail).
    static byte @Nullable [] v6Literal(String text) {
        if (text.length() < 2 || text.length() > 45 || !text.matches("[0-9a-fA-F:.]+")) {
            return null;
        }
        String plain = text;
        int dot = text.indexOf('.');
        if (dot >= 0) {
            int colon = text.lastIndexOf(':');
            byte[] tail = colon < 0 || dot < colon ? null : anySpelling(text.substring(colon + 1));
            if (tail == null || !dotted(tail).equals(text.substring(colon + 1))) {
                return null;
            }
            plain =
                    text.substring(0, colon + 1)
                            + Integer.toHexString(((tail[0] & 0xff) << 8) | (tail[1] & 0xff))
                            + ":"
                            + Integer.toHexString(((tail[2] & 0xff) << 8) | (tail[3] & 0xff));
        }
        int gap = plain.indexOf("::");
        if (gap >= 0 && plain.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        List<String> before = groups(gap < 0 ? plain : plain.substring(0, gap));
        List<String> after = groups(gap < 0 ? "" : plain.substring(gap + 2));
        int count = before.size() + after.size();
        if (gap < 0 ? count != 8 : count > 7) {
            return null;
        }
        byte[] bytes = new byte[16];
        return fill(bytes, before, 0) && fill(bytes, after, 8 - after.size()) ? bytes : null;
    }

    private static List<String> groups(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(":", -1));
    }

    private static boolean fill(byte[] bytes, List<String> groups, int at) {
        for (int i = 0; i < groups.size(); i++) {
            String group = groups.get(i);
            if (group.isEmpty() || group.length() > 4) {
                return false;
            }
            int value = Integer.parseInt(group, 16);
            bytes[2 * (at + i)] = (byte) (value >> 8);
            bytes[2 * (at + i) + 1] = (byte) value;
        }
        return true;
    }

    /// In the one spelling that this program uses.
    static String text(byte[] address) {
        if (address.length == 4) {
            return dotted(address);
        }
        StringBuilder text = new StringBuilder();
        int gapStart = -1;
        int gapLength = 1;
        for (int i = 0; i < 8; i++) {
            int j = i;
            while (j < 8 && address[2 * j] == 0 && address[2 * j + 1] == 0) {
                j++;
            }
            if (j - i > gapLength) {
                gapStart = i;
                gapLength = j - i;
            }
        }
        for (int i = 0; i < 8; i++) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(
                    Integer.toHexString(
                            ((address[2 * i] & 0xff) << 8) | (address[2 * i + 1] & 0xff)));
        }
        return text.toString();
    }

    static InetAddress inet(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("4 or 16 bytes are an address", e);
        }
    }

    private static String dotted(byte[] a) {
        return (a[0] & 0xff) + "." + (a[1] & 0xff) + "." + (a[2] & 0xff) + "." + (a[3] & 0xff);
    }

    private static byte[] v4(int a, int b, int c, int d) {
        return new byte[] {(byte) a, (byte) b, (byte) c, (byte) d};
    }

    private static byte[] v6(String text) {
        byte[] address = v6Literal(text);
        if (address == null) {
            throw new IllegalArgumentException(text);
        }
        return address;
    }
}
