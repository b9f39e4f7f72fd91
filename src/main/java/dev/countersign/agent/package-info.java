/// One profile per agent: install, version floor, launch, environment. May use `vm.ssh` and
/// `gateway`.
@NullMarked
package dev.countersign.agent;

import org.jspecify.annotations.NullMarked;
