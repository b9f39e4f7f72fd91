package dev.countersign.api;

import dev.countersign.domain.Level;
import java.util.List;

/// What would become of a command in a session, by its rules and its mode. Nothing runs and nothing
/// is held or recorded for it.
///
/// @param outcome `runs`, `flagged` (runs, to be looked at in the review), `asks`, `plan` (runs if
///   the approved plan covers it, else asks) or `denied`
/// @param rule what decides: file and line, or the mode
/// @param because the rule's own words; empty if it has none
/// @param reasons why the level, worst first
/// @param effects stable words such as `git.force-push`, as rules name them
public record TrialView(
        Level level,
        String outcome,
        String rule,
        String because,
        List<String> reasons,
        List<String> effects) {}
