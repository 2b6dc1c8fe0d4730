package dev.foretoken.engine.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IoProblemTest {
    static Stream<Arguments> problems() {
        return Stream.of(
                Arguments.of(new NoSuchFileException("/a/b"), "no such file or directory"),
                Arguments.of(new AccessDeniedException("/a/b"), "permission denied"),
                Arguments.of(new FileAlreadyExistsException("/a/b"), "a file of this name is in the way"),
                Arguments.of(new NotDirectoryException("/a/b"), "a part of the path is no directory"),
                Arguments.of(new DirectoryNotEmptyException("/a/b"), "the directory is not empty"),
                Arguments.of(new FileSystemException("/a/b", null, "Read-only file system"), "read-only file system"),
                Arguments.of(new IOException("Input/output error"), "Input/output error"),
                Arguments.of(new IOException(), "input or output failed"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("problems")
    void shouldSayWhatWentWrongWithoutNamesOfClasses(IOException problem, String words) {
        assertThat(IoProblem.of(problem)).isEqualTo(words);
    }
}
