package dev.foretoken.transport.cli;

import picocli.CommandLine.ITypeConverter;

/** One {@code ID=V} of {@code --logit-bias}: V is added to the raw logit of token ID. */
record LogitBias(int id, double bias) {

    static final class Converter implements ITypeConverter<LogitBias> {
        @Override
        public LogitBias convert(String text) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw Numbers.refused(text, "ID=V, a token id and the number to add to its logit, like 13=-5");
            }
            return new LogitBias(
                    new Numbers.Whole().convert(text.substring(0, equals)),
                    new Numbers.Decimal().convert(text.substring(equals + 1)));
        }
    }
}
