/// The link: one ssh connection that the host opens to a hostile server, with exec channels and
/// reverse forwards to unix sockets. May use `journal` and `domain`.
@NullMarked
package dev.countersign.vm.ssh;

import org.jspecify.annotations.NullMarked;
