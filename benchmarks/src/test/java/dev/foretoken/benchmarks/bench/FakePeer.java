package dev.foretoken.benchmarks.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A program that speaks the peer protocol and misbehaves on request; its first argument is the script: {@code steps},
 * {@code prompts}, {@code silent-end}, {@code no-name}, {@code no-json}, {@code dies}, {@code nonsense}.
 */
final class FakePeer {
    private FakePeer() {}

    /** The command line that starts it in a process of its own. */
    static String command(String script) {
        return "\"%s\" -cp \"%s\" %s %s"
                .formatted(
                        ProcessHandle.current().info().command().orElseThrow(),
                        System.getProperty("java.class.path"),
                        FakePeer.class.getName(),
                        script);
    }

    public static void main(String[] arguments) throws IOException {
        List<String> words = List.of(arguments);
        String script = words.getFirst();
        switch (script) {
            case "silent-end" -> {
                System.err.println("model file has a bad magic");
                System.exit(3);
            }
            case "no-name" -> System.out.println("{\"version\":\"1\"}");
            case "no-json" -> System.out.println("hello");
            default ->
                System.out.println("{\"name\":\"fake\",\"version\":\"1.0\",\"arguments\":\"%s\"}"
                        .formatted(words.contains("--model") && words.contains("--threads")));
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(answer(script, line));
        }
    }

    private static String answer(String script, String line) {
        return switch (script) {
            case "steps" -> String.valueOf(1_000_000L * Integer.parseInt(line));
            case "prompts" -> prompts(line);
            case "dies" -> {
                System.exit(1);
                yield "";
            }
            default -> "nonsense";
        };
    }

    /** Ten tokens, one per millisecond; lookup is twice as fast. */
    private static String prompts(String line) {
        JsonNode request = new JsonMapper().readTree(line);
        boolean lookup = request.path("mode").asString().equals("lookup");
        int first = request.path("prompt_ids").get(0).asInt();
        return "{\"ids\":[%d,1,2,3,4,5,6,7,8,9],\"prefill_ns\":5000000,\"decode_ns\":%d}"
                .formatted(first, lookup ? 4_500_000 : 9_000_000);
    }
}
