package dev.foretoken.transport.chat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.el.TypeConvertingMapELResolver;
import com.hubspot.jinjava.el.ext.JinjavaBeanELResolver;
import com.hubspot.jinjava.el.ext.JinjavaListELResolver;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import java.util.Map;
import java.util.Set;
import jinjava.javax.el.CompositeELResolver;
import jinjava.javax.el.ELResolver;

/**
 * Jinja as chat templates use it. A template reaches no file, no network and no Java object, and its output, its time and
 * every value in it are bounded. The engine is made when the first conversation is rendered; it takes a while.
 */
final class JinjaRenderer {
    private static final int COLLECTION_MAX = 100_000;
    private static final int OUTPUT_FACTOR = 8;
    private static final int OUTPUT_ALLOWANCE = 1 << 20;
    private static final int DEPTH_MAX = 32;

    private JinjaRenderer() {}

    /** Made on first use. */
    private static final class Engine {
        static final Jinjava JINJAVA = new Jinjava(config(Map.of(), new RenderBudget(), OUTPUT_ALLOWANCE));
        static final Map<Library, Set<String>> DISABLED = TemplateLibrary.install(JINJAVA);
    }

    /**
     * @param inputChars length of all values, by which the output may grow
     * @throws TemplateException with the reason, if the template cannot be rendered or refuses its input
     */
    static String render(String template, Map<String, ?> values, long inputChars) {
        try {
            String source = TemplateSource.rewrite(template);
            JinjavaConfig config =
                    config(Engine.DISABLED, new RenderBudget(), OUTPUT_ALLOWANCE + OUTPUT_FACTOR * inputChars);
            RenderResult result = Engine.JINJAVA.renderForResult(source, values, config);
            result.getErrors().stream().findFirst().ifPresent(error -> {
                throw reasonOf(error);
            });
            return result.getOutput();
        } catch (RenderBudget.Exceeded e) {
            throw new TemplateException("it takes too long");
        } catch (OutOfMemoryError e) {
            throw new TemplateException("it needs too much memory");
        } catch (StackOverflowError e) {
            throw new TemplateException("it is nested too deeply");
        } catch (TemplateException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new TemplateException(oneLine(e.getMessage() == null ? e.toString() : e.getMessage()));
        }
    }

    private static TemplateException reasonOf(TemplateError error) {
        for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
            if (cause instanceof TemplateException reason) {
                return reason;
            }
        }
        return new TemplateException("line %d: %s".formatted(error.getLineno(), oneLine(error.getMessage())));
    }

    private static String oneLine(String message) {
        String line = message.replaceAll("\\s+", " ").strip();
        return line.length() <= 300 ? line : line.substring(0, 300) + "...";
    }

    private static JinjavaConfig config(Map<Library, Set<String>> disabled, RenderBudget budget, long outputMax) {
        return JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withKeepTrailingNewline(true) // TemplateSource has dropped the template's own
                .withNestedInterpretationEnabled(false) // a message's text is never a template
                .withEnableRecursiveMacroCalls(false)
                .withMaxRenderDepth(DEPTH_MAX)
                .withMaxOutputSize(outputMax)
                .withMaxStringLength(outputMax)
                .withMaxListSize(COLLECTION_MAX)
                .withMaxMapSize(COLLECTION_MAX)
                .withRangeLimit(COLLECTION_MAX)
                .withDisabled(disabled)
                .withElResolver(resolver())
                .withProcessors(JinjavaProcessors.newBuilder()
                        .withNodePreProcessor((node, interpreter) -> budget.spend())
                        .build())
                .withLegacyOverrides(jinjaSemantics())
                .build();
    }

    private static ELResolver resolver() {
        CompositeELResolver resolver = new CompositeELResolver();
        resolver.add(new PythonMethods());
        resolver.add(new JinjavaListELResolver(true));
        resolver.add(new TypeConvertingMapELResolver(true));
        resolver.add(new JinjavaBeanELResolver(true)); // reached for filters and tests only, see PythonMethods
        return resolver;
    }

    private static LegacyOverrides jinjaSemantics() {
        return LegacyOverrides.newBuilder()
                .withEvaluateMapKeys(true)
                .withIterateOverMapKeys(true)
                .withUsePyishObjectMapper(true)
                .withUseNaturalOperatorPrecedence(true)
                .withParseWhitespaceControlStrictly(true)
                .withAllowAdjacentTextNodes(true)
                .withUseTrimmingForNotesAndExpressions(true)
                .withKeepNullableLoopValues(true)
                .withHandleBackslashInQuotesOnly(true)
                .build();
    }
}
