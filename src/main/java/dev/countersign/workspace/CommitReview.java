package dev.countersign.workspace;

import java.util.List;

/// What the agent committed since the baseline, oldest first: a review of its own beside that of
/// the files.
///
/// @param id the digest of all that is listed
/// @param notes what is not as usual: paths that are not shown, a baseline that was not found
public record CommitReview(String id, List<AgentCommit> commits, List<String> notes) {}
