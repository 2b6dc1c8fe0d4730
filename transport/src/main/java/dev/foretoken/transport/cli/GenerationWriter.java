package dev.foretoken.transport.cli;

import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GenerationSummary;

/** Shows one generation on standard output as it happens. Called in order, by one thread at a time. */
interface GenerationWriter {
    void token(GeneratedToken token);

    void finished(GenerationSummary summary);

    /** The generation ends without a summary (an error, Ctrl-C): leave the terminal as it was. */
    void aborted();
}
