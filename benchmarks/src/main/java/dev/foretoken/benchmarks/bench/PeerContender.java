package dev.foretoken.benchmarks.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Another engine behind {@code --peer-command}, in one of its modes. The process is shared by the modes. */
final class PeerContender implements Contender {
    static final List<String> MODES = List.of("plain", "lookup");
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(30);
    private static final int IDS_MAX = 1 << 20;

    private final PeerProcess peer;
    private final String mode;
    private final int maxTokens;
    private final JsonMapper json = new JsonMapper();

    PeerContender(PeerProcess peer, String mode, int maxTokens) {
        this.peer = peer;
        this.mode = mode;
        this.maxTokens = maxTokens;
    }

    @Override
    public String name() {
        return peer.name() + " " + mode;
    }

    @Override
    public String description() {
        return "peer";
    }

    @Override
    public boolean isOurs() {
        return false;
    }

    @Override
    public PromptRun run(PromptCase promptCase) {
        ObjectNode request = json.createObjectNode();
        ArrayNode ids = request.putArray("prompt_ids");
        promptCase.promptIds().forEach(ids::add);
        request.put("max_tokens", maxTokens);
        request.put("mode", mode);
        JsonNode answer = peer.askJson(json.writeValueAsString(request), ANSWER_LIMIT);
        JsonNode prefill = answer.path("prefill_ns");
        JsonNode decode = answer.path("decode_ns");
        JsonNode answered = answer.path("ids");
        if (!prefill.canConvertToLong()
                || !decode.canConvertToLong()
                || prefill.asLong() < 0
                || decode.asLong() < 0
                || !answered.isArray()
                || answered.isEmpty()
                || answered.size() > IDS_MAX) {
            throw peer.failed("answered \"%s\", expected ids, prefill_ns and decode_ns"
                    .formatted(PeerProcess.shorten(answer.toString())));
        }
        List<Integer> tokens = new ArrayList<>();
        answered.forEach(id -> tokens.add(id.asInt(-1)));
        long firstNs = prefill.asLong();
        return new PromptRun(tokens, tokens.size(), 0, List.of(), 1, firstNs, firstNs + decode.asLong(), List.of());
    }

    @Override
    public void close() {
        peer.close();
    }
}
