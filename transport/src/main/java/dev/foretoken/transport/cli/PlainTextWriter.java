package dev.foretoken.transport.cli;

import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GenerationSummary;

/** The answer's text and nothing else, with one line break at its end. */
final class PlainTextWriter implements GenerationWriter {
    private final TextOutput out;
    private boolean lineOpen;

    PlainTextWriter(TextOutput out) {
        this.out = out;
    }

    @Override
    public void token(GeneratedToken token) {
        out.write(token.text());
        lineOpen = token.text().isEmpty() ? lineOpen : !token.text().endsWith("\n");
    }

    @Override
    public void finished(GenerationSummary summary) {
        endLine();
    }

    @Override
    public void aborted() {
        endLine();
    }

    private void endLine() {
        if (lineOpen) {
            lineOpen = false;
            out.write("\n");
        }
    }
}
