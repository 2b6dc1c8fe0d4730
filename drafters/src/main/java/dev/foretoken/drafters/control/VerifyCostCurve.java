package dev.foretoken.drafters.control;

import java.util.List;

/**
 * What passes cost by their rows, as one engine measured it and another may start from. Immutable.
 *
 * @param points at least one, rows ascending, times never falling; without what attention adds
 * @param context what attention adds
 */
public record VerifyCostCurve(List<Point> points, ContextCost context) {
    /**
     * One measured size.
     *
     * @param rows of the pass, 1 or more
     * @param ns time of the pass, positive
     */
    public record Point(int rows, double ns) {}

    /** @throws IllegalArgumentException if this is no curve */
    public VerifyCostCurve {
        points = List.copyOf(points);
        Point before = new Point(0, 0);
        for (Point point : points) {
            if (point.rows() <= before.rows()
                    || !(point.ns() > 0)
                    || point.ns() < before.ns()
                    || Double.isInfinite(point.ns())) {
                throw new IllegalArgumentException(
                        "%s after %s: expected more rows, and a time that is positive and does not fall"
                                .formatted(point, before));
            }
            before = point;
        }
        if (points.isEmpty()) {
            throw new IllegalArgumentException("a cost curve has no point, expected at least one");
        }
    }
}
