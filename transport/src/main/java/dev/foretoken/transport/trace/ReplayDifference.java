package dev.foretoken.transport.trace;

import java.util.Locale;

/** Ends the replay of a session; the message says what differs. Never leaves this package. */
final class ReplayDifference extends Exception {
    private static final long serialVersionUID = 1L;

    ReplayDifference(String what) {
        super(what);
    }

    static void check(boolean equal, String what, Object recorded, Object replayed) throws ReplayDifference {
        if (!equal) {
            throw new ReplayDifference("%s is %s, the trace has %s".formatted(what, replayed, recorded));
        }
    }

    static void checkInt(String what, int recorded, int replayed) throws ReplayDifference {
        check(recorded == replayed, what, recorded, replayed);
    }

    /** Equal bits; every NaN has its own. */
    static void checkBits(String what, float recorded, float replayed) throws ReplayDifference {
        int was = Float.floatToRawIntBits(recorded);
        int is = Float.floatToRawIntBits(replayed);
        if (was != is) {
            check(false, what, format(recorded, was), format(replayed, is));
        }
    }

    static void checkBits(String what, double recorded, double replayed) throws ReplayDifference {
        long was = Double.doubleToRawLongBits(recorded);
        long is = Double.doubleToRawLongBits(replayed);
        if (was != is) {
            check(false, what, format(recorded, was), format(replayed, is));
        }
    }

    private static String format(double value, long bits) {
        return String.format(Locale.ROOT, "%s (bits %x)", value, bits);
    }

    private static String format(float value, int bits) {
        return String.format(Locale.ROOT, "%s (bits %x)", value, bits);
    }
}
