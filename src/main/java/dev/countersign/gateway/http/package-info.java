/// A small strict HTTP/1.1 server for hostile clients: virtual threads over a unix or loopback
/// socket. What is ambiguous is refused, never repaired. May use nothing.
@NullMarked
package dev.countersign.gateway.http;

import org.jspecify.annotations.NullMarked;
