package dev.foretoken.benchmarks.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noCodeUnits;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Arrows point inward, every library has one home, and packages have no cycles. */
class ModuleBoundariesTest {
    private static final JavaClasses FORETOKEN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar")) // other modules' test support
            .withImportOption(location -> !location.contains("jmh_generated"))
            .importPackages("dev.foretoken");

    @Test
    void rulesSawTheCode() {
        assertThat(FORETOKEN).hasSizeGreaterThan(50);
        assertThat(FORETOKEN.stream()
                        .map(type -> type.getPackageName().split("\\.")[2])
                        .distinct())
                .as("modules")
                .contains("engine", "drafters", "verifiers", "transport");
    }

    @Test
    void engineKnowsTheJdkAndSmallLibrariesOnly() {
        classes()
                .that()
                .resideInAPackage("dev.foretoken.engine..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.foretoken.engine..", "java..", "jdk.incubator.vector..", "org.slf4j..", "org.jspecify..")
                .check(FORETOKEN);
    }

    @ParameterizedTest(name = "{0} knows nothing of {1}")
    @CsvSource({
        "drafters, verifiers", "drafters, transport", "drafters, benchmarks",
        "verifiers, drafters", "verifiers, transport", "verifiers, benchmarks",
        "transport, benchmarks"
    })
    void modulesPointInward(String module, String other) {
        noClasses()
                .that()
                .resideInAPackage("dev.foretoken." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.foretoken." + other + "..")
                .check(FORETOKEN);
    }

    @ParameterizedTest(name = "only {1} uses {0}")
    @CsvSource({
        "jdk.incubator.vector, engine.kernel",
        "jcuda, verifiers.cuda",
        "com.lmax.disruptor, transport.pipeline",
        "net.openhft, transport.trace",
        "com.hubspot.jinjava, transport.chat",
        "picocli, transport.cli|benchmarks.bench",
        "ch.qos.logback, transport.cli",
        "tools.jackson, transport.cli|transport.http|benchmarks.bench"
    })
    void everyLibraryHasOneHome(String library, String home) {
        noClasses()
                .that()
                .resideOutsideOfPackages(Stream.of(home.split("\\|"))
                        .map(one -> "dev.foretoken." + one + "..")
                        .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library + "..")
                .check(FORETOKEN);
    }

    @Test
    void onlyTransportKnowsReactor() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.foretoken.transport..", "dev.foretoken.benchmarks..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("reactor..", "org.reactivestreams..")
                .check(FORETOKEN);
    }

    @Test
    void facadeStandsAbovePipelineStreamTraceAndChat() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.foretoken.transport.pipeline..",
                        "dev.foretoken.transport.stream..",
                        "dev.foretoken.transport.trace..",
                        "dev.foretoken.transport.chat..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.foretoken.transport", "dev.foretoken.transport.cli..")
                .allowEmptyShould(true)
                .check(FORETOKEN);
    }

    @Test
    void nothingPointsAtTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.foretoken.transport.cli..", "dev.foretoken.benchmarks.bench..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.foretoken.transport.cli..")
                .check(FORETOKEN);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.foretoken.(**)").should().beFreeOfCycles().check(FORETOKEN);
    }

    /** Its bits depend on whether the JIT has compiled the method yet: lanes are added in a written order instead. */
    private static final ArchRule NO_FLOAT_LANES_REDUCED = noClasses()
            .should()
            .callMethodWhere(isReduceLanesOf("jdk.incubator.vector.FloatVector"))
            .orShould()
            .callMethodWhere(isReduceLanesOf("jdk.incubator.vector.DoubleVector"));

    @Test
    void nobodyReducesFloatLanes() {
        NO_FLOAT_LANES_REDUCED.check(FORETOKEN);
    }

    @Test
    void shouldNoticeReducedFloatLanes() {
        JavaClasses offender = new ClassFileImporter().importClasses(ReducesLanes.class);

        assertThatThrownBy(() -> NO_FLOAT_LANES_REDUCED.check(offender)).hasMessageContaining("reduceLanes");
    }

    private static final class ReducesLanes {
        static float sum(FloatVector vector) {
            return vector.reduceLanes(VectorOperators.ADD);
        }
    }

    private static DescribedPredicate<JavaMethodCall> isReduceLanesOf(String vectorType) {
        return JavaCall.Predicates.target(nameStartingWith("reduceLanes")
                        .<AccessTarget>forSubtype()
                        .and(owner(assignableTo(vectorType))))
                .forSubtype();
    }

    /** A vector between two methods is an object wherever the compiler happens not to inline the call: per step, for ever. */
    private static final ArchRule NO_VECTORS_BETWEEN_METHODS = noCodeUnits()
            .should()
            .haveRawReturnType(assignableTo("jdk.incubator.vector.Vector"))
            .orShould()
            .haveRawParameterTypes(DescribedPredicate.anyElementThat(assignableTo("jdk.incubator.vector.Vector")))
            .allowEmptyShould(false);

    @Test
    void noVectorsAreHandedFromMethodToMethod() {
        NO_VECTORS_BETWEEN_METHODS.check(FORETOKEN);
    }

    @Test
    void shouldNoticeAVectorBetweenMethods() {
        assertThatThrownBy(() -> NO_VECTORS_BETWEEN_METHODS.check(
                        new ClassFileImporter().importClasses(ReducesLanes.class, GivesAVector.class)))
                .hasMessageContaining("ReducesLanes.sum")
                .hasMessageContaining("GivesAVector.zero");
    }

    private static final class GivesAVector {
        static FloatVector zero() {
            return FloatVector.zero(FloatVector.SPECIES_128);
        }
    }

    @Test
    void everyPackageSaysWhatLivesInItAndIsNullMarked() {
        assertThat(FORETOKEN.stream().map(JavaClass::getPackage).distinct())
                .filteredOn(home -> !home.isAnnotatedWith(NullMarked.class))
                .as("packages without a package-info.java that carries @NullMarked")
                .isEmpty();
    }

    @Test
    void onlyTheCommandLineEndsTheProcess() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.foretoken.transport.cli..", "dev.foretoken.benchmarks..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .check(FORETOKEN);
    }
}
