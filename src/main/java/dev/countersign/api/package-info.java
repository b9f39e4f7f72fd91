/// What a person can ask and see: the service interface, its records, its client and its server
/// over the engine's unix socket. Window and command line use this and nothing else. May use
/// `domain`.
@NullMarked
package dev.countersign.api;

import org.jspecify.annotations.NullMarked;
