package dev.foretoken.transport.cli;

import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GenerationSummary;

/** The answer's text with every token in its drafter's colour, and a legend below. For terminals. */
final class ColoredTextWriter implements GenerationWriter {
    private final TextOutput out;
    private final DraftColors colors = new DraftColors();
    private boolean lineOpen;

    ColoredTextWriter(TextOutput out) {
        this.out = out;
    }

    @Override
    public void token(GeneratedToken token) {
        String color = colors.of(token.drafter());
        if (token.text().isEmpty()) {
            return;
        }
        out.write(color.isEmpty() ? token.text() : color + token.text() + DraftColors.RESET);
        lineOpen = !token.text().endsWith("\n");
    }

    @Override
    public void finished(GenerationSummary summary) {
        out.write((lineOpen ? "\n" : "") + colors.legend() + "\n");
    }

    @Override
    public void aborted() {
        out.write(DraftColors.RESET + (lineOpen ? "\n" : ""));
    }
}
