/// Implements the ports that other rooms declare, with what the operating system offers. The only
/// room that makes native calls for them; nobody but `app` uses it.
@NullMarked
package dev.countersign.platform;

import org.jspecify.annotations.NullMarked;
