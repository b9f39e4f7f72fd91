# Run in the guest as root on each new connection, before anything else. Perl, because it is in every
# Debian and starts ten times faster than anything that could do the same under emulation, and one
# process, because each further one costs as much as all of this.
# Arguments: seconds since 1970, microseconds, number of the system call settimeofday, bytes for the
# random pool in hex, new machine id. Standard input: empty, or, on the first connection of a session
# that came from a warm base, its own ssh host key: the private half, a line with a dot, the public half.
use strict;
use warnings;
my ($seconds, $micros, $settimeofday, $seed, $machine) = @ARGV;

syscall($settimeofday + 0, pack('q q', $seconds, $micros), 0) == 0 or exit 10;

# Written, credited and reseeded at once: two machines from one base must not draw the same keys.
# RNDADDENTROPY, RNDRESEEDCRNG (linux/random.h)
my $bytes = pack 'H*', $seed;
open my $pool, '>', '/dev/urandom' or exit 11;
defined ioctl $pool, 0x40085203, pack 'i i a*', length($bytes) * 8, length $bytes, $bytes or exit 11;
defined ioctl $pool, 0x5207, 0 or exit 11;

# Whatever came by an earlier connection ends: sshd keeps all of it in one control group, and units of
# their own (the agent) are not in it. Our own connection and the listener are our ancestors.
my %mine;
my $listener;
for (my $pid = $$; $pid > 1;) {
    $mine{$pid} = 1;
    $listener = $pid;
    open my $status, '<', "/proc/$pid/status" or exit 12;
    my ($parent) = map { /^PPid:\s+(\d+)/ ? $1 : () } <$status>;
    $pid = $parent;
}
open my $group, '<', '/sys/fs/cgroup/system.slice/ssh.service/cgroup.procs' or exit 12;
chomp(my @all = <$group>);
kill 'KILL', grep { !$mine{$_} } @all;

mkdir '/run/countersign';
chown 0, 0, '/run/countersign' or exit 13;
chmod 0700, '/run/countersign' or exit 13;
unlink glob '/run/countersign/*.sock';

my $key = join '', <STDIN>;
if ($key ne '') {
    my ($private, $public) = split /^\.\n/m, $key;
    replace('/etc/ssh/ssh_host_ed25519_key', 0600, $private);
    replace('/etc/ssh/ssh_host_ed25519_key.pub', 0644, $public);
    replace('/etc/machine-id', 0444, "$machine\n");
    # It serves connections with the key that it has read, until it is told to read again.
    kill 'HUP', $listener or exit 15;
}
exit 0;

sub replace {
    my ($file, $mode, $text) = @_;
    unlink "$file.new";
    umask 0077;
    open my $out, '>', "$file.new" or exit 14;
    print {$out} $text or exit 14;
    close $out or exit 14;
    chmod $mode, "$file.new" or exit 14;
    rename "$file.new", $file or exit 14;
}
