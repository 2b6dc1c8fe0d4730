package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PlotSeries.Point;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.NumberFormat;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.IntervalMarker;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;
import org.jspecify.annotations.Nullable;

/** The report's two kinds of plots, as SVG: dots with whiskers along categories, and lines over a few counts. */
final class Plots {
    private static final int WIDTH = 860;
    private static final int LINES_HEIGHT = 380;
    private static final int ROW_HEIGHT = 26;
    private static final int FRAME_HEIGHT = 110;
    private static final List<Color> COLORS = List.of(
            new Color(0x2563eb),
            new Color(0xd97706),
            new Color(0x059669),
            new Color(0xdb2777),
            new Color(0x7c3aed),
            new Color(0x0891b2));
    private static final Color INK = new Color(0x334155);
    private static final Color GRID = new Color(0xe2e8f0);
    private static final Color LIMIT = new Color(0x94a3b8);
    private static final Color BAND = new Color(0xf1f5f9);
    private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Shape DOT = new Ellipse2D.Double(-4.5, -4.5, 9, 9);
    private static final BasicStroke LINE = new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    private static final BasicStroke DASHED =
            new BasicStroke(1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {6f, 4f}, 0f);
    /** How far the dots of one category are apart, all together. */
    private static final double SPREAD = 0.56;

    /** How values are drawn. */
    enum Scale {
        LINEAR,
        /** 0 to 100 percent. */
        SHARE,
        /** To the base 2. */
        LOGARITHMIC
    }

    private Plots() {}

    /**
     * Dots with whiskers, one line per category from the top; a point's {@code at} is its category's index.
     *
     * @param baseline a vertical line, where nothing is gained or lost
     * @param band around the baseline: what the A/A control says is noise; null for none
     */
    static String dots(
            List<String> categories,
            List<PlotSeries> series,
            String axisTitle,
            double baseline,
            @Nullable Interval band) {
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        for (int i = 0; i < series.size(); i++) {
            double shift = series.size() == 1 ? 0 : SPREAD * ((double) i / (series.size() - 1) - 0.5);
            XYIntervalSeries dots = new XYIntervalSeries(series.get(i).name(), false, true);
            for (Point point : series.get(i).points()) {
                double y = point.at() + shift;
                dots.add(point.value(), point.low(), point.high(), y, y, y);
            }
            data.addSeries(dots);
        }
        SymbolAxis rows = new SymbolAxis(null, categories.toArray(String[]::new));
        rows.setInverted(true);
        rows.setGridBandsVisible(false);
        rows.setRange(-0.6, categories.size() - 0.4);
        NumberAxis values = new NumberAxis(axisTitle);
        values.setAutoRangeIncludesZero(false);
        XYErrorRenderer renderer = renderer(series, false);
        renderer.setDrawXError(true);
        XYPlot plot = plot(data, values, rows, renderer);
        plot.setRangeGridlinesVisible(false);
        if (band != null) {
            IntervalMarker noise =
                    new IntervalMarker(Math.min(band.low(), baseline), Math.max(band.high(), baseline), BAND);
            plot.addDomainMarker(noise, Layer.BACKGROUND);
        }
        plot.addDomainMarker(new ValueMarker(baseline, LIMIT, DASHED), Layer.BACKGROUND);
        int height = FRAME_HEIGHT + categories.size() * Math.max(ROW_HEIGHT, 13 * series.size());
        return SvgWriter.svg(chart(plot), WIDTH, height);
    }

    /** Lines over a few counts at equal distances; a point's {@code at} is the index of its count. */
    static String lines(
            List<String> counts, List<PlotSeries> series, String countTitle, String valueTitle, Scale scale) {
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        for (PlotSeries each : series) {
            XYIntervalSeries line = new XYIntervalSeries(each.name(), false, true);
            each.points()
                    .forEach(point ->
                            line.add(point.at(), point.at(), point.at(), point.value(), point.low(), point.high()));
            data.addSeries(line);
        }
        SymbolAxis axis = new SymbolAxis(countTitle, counts.toArray(String[]::new));
        axis.setGridBandsVisible(false);
        axis.setRange(-0.3, Math.max(counts.size() - 0.7, 0.3));
        ValueAxis values = axis(valueTitle, scale);
        XYErrorRenderer renderer = renderer(series, true);
        renderer.setDrawYError(true);
        return SvgWriter.svg(chart(plot(data, axis, values, renderer)), WIDTH, LINES_HEIGHT);
    }

    private static ValueAxis axis(String title, Scale scale) {
        return switch (scale) {
            case LINEAR -> new NumberAxis(title);
            case SHARE -> {
                NumberAxis axis = new NumberAxis(title);
                axis.setNumberFormatOverride(NumberFormat.getPercentInstance(Locale.ROOT));
                axis.setRange(0, 1.04);
                yield axis;
            }
            case LOGARITHMIC -> {
                LogAxis axis = new LogAxis(title);
                axis.setBase(2);
                axis.setNumberFormatOverride(new DecimalFormat("0.###", DecimalFormatSymbols.getInstance(Locale.ROOT)));
                axis.setMinorTickMarksVisible(false);
                axis.setTickUnit(new NumberTickUnit(1));
                yield axis;
            }
        };
    }

    private static XYErrorRenderer renderer(List<PlotSeries> series, boolean lines) {
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawXError(false);
        renderer.setDrawYError(false);
        renderer.setCapLength(lines ? 0 : 5);
        renderer.setErrorStroke(new BasicStroke(1.4f));
        for (int i = 0; i < series.size(); i++) {
            boolean limit = series.get(i).isLimit();
            renderer.setSeriesPaint(i, limit ? LIMIT : COLORS.get(i % COLORS.size()));
            renderer.setSeriesStroke(i, limit ? DASHED : LINE);
            renderer.setSeriesShape(i, DOT);
            renderer.setSeriesLinesVisible(i, lines);
            renderer.setSeriesShapesVisible(i, !limit);
        }
        return renderer;
    }

    private static XYPlot plot(
            XYIntervalSeriesCollection data, ValueAxis domain, ValueAxis range, XYErrorRenderer renderer) {
        style(domain);
        style(range);
        XYPlot plot = new XYPlot(data, domain, range, renderer);
        plot.setBackgroundPaint(null);
        plot.setOutlineVisible(false);
        plot.setAxisOffset(new RectangleInsets(4, 4, 4, 4));
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinePaint(GRID);
        plot.setDomainGridlineStroke(new BasicStroke(1f));
        plot.setRangeGridlineStroke(new BasicStroke(1f));
        return plot;
    }

    private static void style(ValueAxis axis) {
        axis.setLabelFont(SMALL);
        axis.setTickLabelFont(SMALL);
        axis.setLabelPaint(INK);
        axis.setTickLabelPaint(INK);
        axis.setAxisLineVisible(false);
        axis.setTickMarksVisible(false);
        axis.setLabelInsets(new RectangleInsets(6, 6, 6, 6));
    }

    private static JFreeChart chart(XYPlot plot) {
        JFreeChart chart = new JFreeChart(null, SMALL, plot, false);
        chart.setBackgroundPaint(null);
        chart.setPadding(new RectangleInsets(4, 4, 4, 16));
        LegendTitle legend = new LegendTitle(plot);
        legend.setPosition(RectangleEdge.TOP);
        legend.setHorizontalAlignment(HorizontalAlignment.LEFT);
        legend.setItemFont(SMALL);
        legend.setItemPaint(INK);
        legend.setBackgroundPaint(null);
        legend.setFrame(BlockBorder.NONE);
        legend.setItemLabelPadding(new RectangleInsets(2, 4, 2, 14));
        chart.addSubtitle(legend);
        return chart;
    }
}
