/// The model gateway: one codec per wire format, hold, keep-alive, retry-attach, upstreams. May use
/// `gate`, `secrets` and `journal`.
@NullMarked
package dev.countersign.gateway;

import org.jspecify.annotations.NullMarked;
