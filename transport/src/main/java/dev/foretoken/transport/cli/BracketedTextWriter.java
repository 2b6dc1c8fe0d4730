package dev.foretoken.transport.cli;

import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GenerationSummary;

/** The answer's text with brackets around what drafters guessed in each step. For terminals without colours. */
final class BracketedTextWriter implements GenerationWriter {
    private static final String LEGEND =
            "[drafted and accepted in one step], else the target's own tokens; colours would tell the drafters apart";

    private final TextOutput out;
    private int openStep = -1;
    private boolean lineOpen;

    BracketedTextWriter(TextOutput out) {
        this.out = out;
    }

    @Override
    public void token(GeneratedToken token) {
        if (token.text().isEmpty()) {
            return;
        }
        String before = "";
        int step = token.drafter() == null ? -1 : token.step();
        if (step != openStep) {
            before = (openStep >= 0 ? "]" : "") + (step >= 0 ? "[" : "");
            openStep = step;
        }
        out.write(before + token.text());
        lineOpen = !token.text().endsWith("\n");
    }

    @Override
    public void finished(GenerationSummary summary) {
        endLine();
        out.write(LEGEND + "\n");
    }

    @Override
    public void aborted() {
        endLine();
    }

    private void endLine() {
        String bracket = openStep >= 0 ? "]" : "";
        openStep = -1;
        out.write(bracket + (lineOpen || !bracket.isEmpty() ? "\n" : ""));
        lineOpen = false;
    }
}
