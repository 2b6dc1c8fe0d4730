package dev.foretoken.transport.stream;

import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.tokenizer.StreamingDetokenizer;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.transport.pipeline.Outbox;
import dev.foretoken.transport.pipeline.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes what a reader sees out of what is in its queue, and sums it up at the end. Used by the subscription's drain only. */
final class TokenAssembly {
    private static final double NS_PER_MS = 1e6;

    private final Session session;
    private final Outbox outbox;
    private final List<String> drafterNames;
    private final @Nullable Integer logprobs;
    private final StreamingDetokenizer detokenizer;
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> tokenIds = new ArrayList<>();

    TokenAssembly(Session session, Vocabulary vocabulary, List<String> drafterNames) {
        this.session = session;
        this.outbox = session.outbox();
        this.drafterNames = drafterNames;
        this.logprobs = session.start().request().logprobs();
        this.detokenizer = new StreamingDetokenizer(vocabulary);
    }

    GenerationEvent.Started started() {
        return new GenerationEvent.Started(
                session.id(), session.start().sampling().seed(), session.promptLength());
    }

    /** Takes the oldest token off the queue. */
    GeneratedToken take() {
        int cell = outbox.cell();
        int id = outbox.tokenId(cell);
        detokenizer.append(id);
        String released = detokenizer.releaseTo(outbox.releasedBytes(cell));
        List<String> proposers = proposers(outbox.proposers(cell));
        GeneratedToken token = new GeneratedToken(
                id,
                released,
                outbox.step(cell),
                proposers.isEmpty() ? null : proposers.getFirst(),
                proposers,
                logprobs == null ? null : outbox.logprob(cell),
                top(cell));
        outbox.advance();
        text.append(released);
        tokenIds.add(id);
        return token;
    }

    private List<String> proposers(int bits) {
        if (bits == 0) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (int rest = bits; rest != 0; rest &= rest - 1) {
            names.add(drafterNames.get(Integer.numberOfTrailingZeros(rest)));
        }
        return List.copyOf(names);
    }

    private List<GeneratedToken.TokenLogprob> top(int cell) {
        if (logprobs == null || logprobs == 0) {
            return List.of();
        }
        List<GeneratedToken.TokenLogprob> best = new ArrayList<>(logprobs);
        for (int rank = 0; rank < logprobs; rank++) {
            best.add(new GeneratedToken.TokenLogprob(outbox.topId(cell, rank), outbox.topLogprob(cell, rank)));
        }
        return List.copyOf(best);
    }

    GenerationSummary summary(FinishReason reason) {
        long subscribed = session.subscribedAtNs();
        long prefilled = outbox.prefilledAtNs();
        Map<String, GenerationSummary.DrafterCounts> counts = new LinkedHashMap<>();
        for (int i = 0; i < drafterNames.size(); i++) {
            counts.put(
                    drafterNames.get(i),
                    new GenerationSummary.DrafterCounts(
                            outbox.proposed(i), outbox.accepted(i), outbox.missed(i), outbox.failed(i)));
        }
        return new GenerationSummary(
                session.id(),
                List.copyOf(tokenIds),
                text.toString(),
                session.promptLength(),
                outbox.cachedTokens(),
                outbox.steps(),
                reason,
                session.start().sampling().seed(),
                (prefilled - subscribed) / NS_PER_MS,
                (outbox.firstTokenAtNs() - subscribed) / NS_PER_MS,
                (outbox.lastTokenAtNs() - prefilled) / NS_PER_MS,
                counts);
    }
}
