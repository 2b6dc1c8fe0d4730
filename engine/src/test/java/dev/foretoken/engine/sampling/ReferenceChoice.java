package dev.foretoken.engine.sampling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The seeded choice written down once more, without any shortcut: what the fast one is compared with. */
final class ReferenceChoice {
    private ReferenceChoice() {}

    static int choose(float[] raw, SamplingParameters p, List<Integer> prompt, List<Integer> output, int position) {
        double[] l = adjusted(raw, p, prompt, output);
        if (p.temperature() == 0) {
            return argmax(l, allIds(l.length));
        }
        for (int id = 0; id < l.length; id++) {
            l[id] /= p.temperature();
        }
        List<Integer> kept = kept(l, p);
        double[] key = new double[l.length];
        for (int id : kept) {
            key[id] = l[id] + noise(p.seed(), position, id);
        }
        return argmax(key, kept);
    }

    static double[] adjusted(float[] raw, SamplingParameters p, List<Integer> prompt, List<Integer> output) {
        double[] l = new double[raw.length];
        for (int id = 0; id < raw.length; id++) {
            l[id] = raw[id];
        }
        p.logitBias().forEach((id, bias) -> {
            if (id < l.length) {
                l[id] += bias;
            }
        });
        Set<Integer> seen = new LinkedHashSet<>(prompt);
        seen.addAll(output);
        for (int id : seen) {
            l[id] = l[id] > 0 ? l[id] / p.repetitionPenalty() : l[id] * p.repetitionPenalty();
        }
        Map<Integer, Integer> counts = new HashMap<>();
        output.forEach(id -> counts.merge(id, 1, Integer::sum));
        counts.forEach((id, count) -> l[id] -= p.presencePenalty() + p.frequencyPenalty() * count);
        return l;
    }

    /** Ids that top-k, top-p and min-p leave. */
    static List<Integer> kept(double[] l, SamplingParameters p) {
        List<Integer> order = allIds(l.length);
        // == and not compare: 0.0 and -0.0 are a tie.
        order.sort((a, b) -> l[a] == l[b] ? a - b : Double.compare(l[b], l[a]));
        if (p.topK() > 0 && p.topK() < order.size()) {
            order = order.subList(0, p.topK());
        }
        double max = l[order.getFirst()];
        double[] e = new double[l.length];
        for (int id : order) {
            e[id] = l[id] - max < -40 ? 0 : StrictMath.exp(l[id] - max);
        }
        if (p.topP() < 1) {
            double z = 0;
            for (double weight : e) {
                z += weight;
            }
            double sum = 0;
            int count = 0;
            while (count < order.size() && !(count > 0 && sum >= p.topP() * z)) {
                sum += e[order.get(count++)];
            }
            order = order.subList(0, count);
        }
        double largest = e[order.getFirst()];
        return order.stream().filter(id -> e[id] >= p.minP() * largest).sorted().toList();
    }

    static double noise(long seed, int position, int id) {
        Philox philox = new Philox();
        philox.generate(id >>> 2, position, 0, 0, (int) seed, (int) (seed >>> 32));
        double u = (Integer.toUnsignedLong(philox.word(id & 3)) + 0.5) * Math.pow(2, -32);
        return -StrictMath.log(-StrictMath.log(u));
    }

    private static List<Integer> allIds(int count) {
        List<Integer> ids = new ArrayList<>(count);
        for (int id = 0; id < count; id++) {
            ids.add(id);
        }
        return ids;
    }

    private static int argmax(double[] value, List<Integer> ids) {
        int best = ids.getFirst();
        for (int id : ids) {
            if (value[id] > value[best]) {
                best = id;
            }
        }
        return best;
    }
}
