package dev.countersign.vm.ssh;

/// The client's configuration, written for a hostile server. Each option is in ssh_config(5).
final class SshConfig {
    private SshConfig() {}

    /// @param port of the guest's sshd on the host's loopback
    static String render(LinkSettings link, int port) {
        return """
        # Written by Countersign at each connection. No other configuration is read.
        Host *
          IgnoreUnknown EnableEscapeCommandline
          HostName 127.0.0.1
          Port %d
          User root
          HostKeyAlias %s
          UserKnownHostsFile "%s"
          GlobalKnownHostsFile /dev/null
          StrictHostKeyChecking yes
          CheckHostIP no
          UpdateHostKeys no
          VerifyHostKeyDNS no
          HostKeyAlgorithms ssh-ed25519
          KexAlgorithms ^curve25519-sha256
          Ciphers ^aes128-gcm@openssh.com
          Compression no
          IdentityFile "%s"
          IdentitiesOnly yes
          IdentityAgent none
          PreferredAuthentications publickey
          BatchMode yes
          ForwardAgent no
          ForwardX11 no
          Tunnel no
          PermitLocalCommand no
          ExitOnForwardFailure yes
          GatewayPorts no
          EscapeChar none
          EnableEscapeCommandline no
          RequestTTY no
          SendEnv -*
          AddressFamily inet
          ConnectTimeout 20
          ConnectionAttempts 1
          ServerAliveInterval 15
          ServerAliveCountMax 4
          TCPKeepAlive no
          ControlPath "%s"
          ControlPersist no
          LogLevel ERROR
        """
                .formatted(port, link.alias(), link.knownHosts(), link.identity(), link.control());
    }
}
