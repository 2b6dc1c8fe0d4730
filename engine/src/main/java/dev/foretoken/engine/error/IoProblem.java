package dev.foretoken.engine.error;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** What went wrong with a file, in words for its user: the JDK's exceptions often say no more than the path. Stateless. */
public final class IoProblem {
    private IoProblem() {}

    /** A few words that fit into parentheses, without the path. */
    public static String of(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "no such file or directory";
            case AccessDeniedException denied -> "permission denied";
            case FileAlreadyExistsException taken -> "a file of this name is in the way";
            case NotDirectoryException file -> "a part of the path is no directory";
            case DirectoryNotEmptyException full -> "the directory is not empty";
            case FileSystemException other when other.getReason() != null -> ofReason(other.getReason());
            default -> e.getMessage() == null || e.getMessage().isBlank() ? "input or output failed" : e.getMessage();
        };
    }

    private static String ofReason(String reason) {
        String lower = reason.toLowerCase(Locale.ROOT);
        return lower.contains("unable to access attributes of symbolic link")
                ? "its symbolic links lead in a circle"
                : lower;
    }
}
