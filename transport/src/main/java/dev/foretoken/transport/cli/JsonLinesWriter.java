package dev.foretoken.transport.cli;

import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GenerationSummary;
import java.math.BigInteger;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON Lines for scripts: one {@code {"type":"token",…}} per token and a last {@code {"type":"summary",…}}; every line is
 * complete and flushed before the next token is taken.
 */
final class JsonLinesWriter implements GenerationWriter {
    private static final JsonMapper JSON = new JsonMapper();

    private final TextOutput out;

    JsonLinesWriter(TextOutput out) {
        this.out = out;
    }

    @Override
    public void token(GeneratedToken token) {
        ObjectNode line = JSON.createObjectNode();
        line.put("type", "token");
        line.put("id", token.id());
        line.put("text", token.text());
        line.put("drafter", token.drafter());
        line.put("step", token.step());
        if (token.logprob() != null) {
            line.put("logprob", token.logprob());
            ArrayNode top = line.putArray("top");
            token.top().forEach(one -> top.addArray().add(one.id()).add(one.logprob()));
        }
        writeLine(line);
    }

    @Override
    public void finished(GenerationSummary summary) {
        ObjectNode line = JSON.createObjectNode();
        line.put("type", "summary");
        ArrayNode ids = line.putArray("token_ids");
        summary.tokenIds().forEach(ids::add);
        line.put("text", summary.text());
        line.put("prompt_tokens", summary.promptTokens());
        line.put("cached_prompt_tokens", summary.cachedPromptTokens());
        line.put("completion_tokens", summary.completionTokens());
        line.put("steps", summary.steps());
        line.put("tokens_per_second", rounded(summary.tokensPerSecond()));
        line.put("time_to_first_token_ms", rounded(summary.timeToFirstTokenMs()));
        line.put("prefill_ms", rounded(summary.prefillMs()));
        line.put("decode_ms", rounded(summary.decodeMs()));
        line.put("mean_accepted", summary.meanAccepted());
        line.put("finish_reason", wireName(summary.finishReason()));
        line.put("seed", new BigInteger(Long.toUnsignedString(summary.seed())));
        ObjectNode drafters = line.putObject("drafters");
        summary.drafters()
                .forEach((name, counts) -> drafters.putObject(name)
                        .put("proposed", counts.proposed())
                        .put("accepted", counts.accepted())
                        .put("missed", counts.missed())
                        .put("failed", counts.failed()));
        writeLine(line);
    }

    @Override
    public void aborted() {
        // Every line written is whole; the missing summary tells a script that the answer is not.
    }

    private void writeLine(ObjectNode line) {
        out.writeLine(JSON.writeValueAsString(line));
    }

    /** Thousandths are what such clocks can tell; more digits would only be noise. */
    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    static String wireName(FinishReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
