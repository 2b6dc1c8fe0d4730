package dev.foretoken.benchmarks.bench;

import java.awt.geom.Rectangle2D;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGGraphics2DIOException;
import org.apache.batik.svggen.SVGIDGenerator;
import org.jfree.chart.JFreeChart;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Draws a chart as an {@code <svg>} element that scales with the page it is put into. Its ids are unique in the process. */
final class SvgWriter {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";
    private static final AtomicLong IDS = new AtomicLong();

    private SvgWriter() {}

    static String svg(JFreeChart chart, int width, int height) {
        try {
            Document document = DocumentBuilderFactory.newDefaultNSInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument(NAMESPACE, "svg", null);
            SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
            context.setComment(null);
            context.setIDGenerator(new SVGIDGenerator() {
                @Override
                public String generateID(String prefix) {
                    return prefix + IDS.incrementAndGet();
                }
            });
            SVGGraphics2D graphics = new SVGGraphics2D(context, false);
            chart.draw(graphics, new Rectangle2D.Double(0, 0, width, height));
            Element root = graphics.getRoot();
            root.setAttribute("viewBox", "0 0 %d %d".formatted(width, height));
            root.setAttribute("role", "img");
            removeSharedIds(root);
            StringWriter text = new StringWriter();
            graphics.stream(root, text, false, false);
            graphics.dispose();
            String svg = text.toString();
            return svg.substring(svg.indexOf("<svg"));
        } catch (ParserConfigurationException | SVGGraphics2DIOException e) {
            throw new IllegalStateException("the plot cannot be written", e);
        }
    }

    /** Batik calls this element alike in every document, and nothing refers to it. */
    private static void removeSharedIds(Element root) {
        NodeList definitions = root.getElementsByTagName("defs");
        for (int i = 0; i < definitions.getLength(); i++) {
            Element element = (Element) definitions.item(i);
            if (element.getAttribute("id").equals("genericDefs")) {
                element.removeAttribute("id");
            }
        }
    }
}
