package dev.foretoken.transport.pipeline;

/** What the engine counts. Counters only grow; one sentence each. */
public enum EngineCounter {
    SESSIONS_ADMITTED("sessions that were admitted"),
    SESSIONS_REFUSED("requests refused for want of sessions or KV pages"),
    SESSIONS_ENDED("sessions that ended, for whatever reason"),
    STEPS("trees that were verified"),
    FORWARDS("forward passes of the target model"),
    PROMPT_ROWS("prompt tokens that were prefilled"),
    CACHED_PROMPT_TOKENS("prompt tokens whose keys and values came from the prefix cache"),
    TREE_ROWS("tree nodes that were verified, roots included"),
    EMITTED_TOKENS("tokens that were emitted"),
    PARKS("times a running session stopped drafting until its reader took tokens or its stream caught up"),
    DRAFTS_MISSED("drafts that came after their deadline"),
    DRAFTS_FAILED("drafts that ended in an exception"),
    LESSONS_LOST("verified steps that a drafter could not learn from because its inbox was full"),
    DRAFTERS_QUARANTINED("drafters switched off for a session after repeated misses or failures"),
    VERDICT_RING_WAITS("times the verifier found the verdict ring full"),
    DRAFT_RING_REFUSALS("events the draft ring had no room for (a defect)"),
    DUPLICATE_EVENTS("events published while one of their kind was outstanding (a defect)"),
    SESSION_FAILURES("sessions that failed inside the engine"),
    TRACE_FAILURES("sessions ended because their trace could not be written"),
    STAGES_DIED("threads of the engine that ended by an exception (a defect)"),
    CLOSE_FAILURES("parts of the engine that could not be closed properly");

    private final String description;

    EngineCounter(String description) {
        this.description = description;
    }

    public String description() {
        return description;
    }
}
