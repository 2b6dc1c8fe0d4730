package dev.foretoken.transport.example;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.transport.Foretoken;
import java.nio.file.Path;

/** Asks a chat model one question and prints the answer as it is verified. */
final class Chat {
    private Chat() {}

    public static void main(String[] arguments) {
        ask(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    static void ask(Path model, Path traces) {
        // README
        try (Foretoken foretoken = Foretoken.builder()
                .model(model) // omit: the embedded model
                .drafters(Drafters.ngram(), Drafters.recycling()) // omit: all that apply
                .traceTo(traces) // omit: no trace
                .build()) {
            foretoken
                    .generate(GenerationRequest.chat("Explain a ring buffer.").maxTokens(200))
                    .text() // a Flux<String>, cold: each subscription is a session of its own
                    .doOnNext(System.out::print)
                    .blockLast();
        }
        // README
    }
}
