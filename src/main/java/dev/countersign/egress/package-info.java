/// What a guest may reach: a forward proxy with one canonical host per request, rules by name, a
/// resolver whose every answer is checked, and tunnels that carry TLS to the name that was asked
/// for. May use `gate` (the rules), `secrets` and `journal`.
@NullMarked
package dev.countersign.egress;

import org.jspecify.annotations.NullMarked;
