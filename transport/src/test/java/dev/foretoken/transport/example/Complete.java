package dev.foretoken.transport.example;

import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.transport.Foretoken;
import dev.foretoken.transport.stream.GenerationSummary;

/** Completes a piece of Java with the embedded model, with and without speculation: the tokens are the same. */
final class Complete {
    private Complete() {}

    public static void main(String[] arguments) {
        GenerationRequest request = GenerationRequest.raw("public static int max(int a, int b) {")
                .maxTokens(48)
                .seed(42);
        try (Foretoken foretoken = Foretoken.builder().build()) {
            GenerationSummary drafted = foretoken.generate(request).summary().block();
            GenerationSummary plain =
                    foretoken.generate(request.treeSize(1)).summary().block();
            System.out.println(drafted.text());
            System.out.printf(
                    "%d tokens in %d steps instead of %d, same tokens: %s%n",
                    drafted.completionTokens(),
                    drafted.steps(),
                    plain.steps(),
                    drafted.tokenIds().equals(plain.tokenIds()));
        }
    }
}
