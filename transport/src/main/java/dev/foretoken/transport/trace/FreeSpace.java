package dev.foretoken.transport.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Asks how much may still be written; tests answer in its place. */
interface FreeSpace {
    FreeSpace OF_THE_FILE_STORE = directory -> Files.getFileStore(directory).getUsableSpace();

    /** Bytes this process may write to the file store of a directory. */
    long usableBytes(Path directory) throws IOException;
}
