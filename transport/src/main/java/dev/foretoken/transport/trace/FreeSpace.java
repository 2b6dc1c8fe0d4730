package dev.foretoken.transport.trace;

import java.nio.file.Path;

/** Asks how much may still be written; tests answer in its place. */
interface FreeSpace {
    /** One system call; a {@code FileStore} would read the table of mounts each time. */
    FreeSpace OF_THE_FILE_STORE = directory -> directory.toFile().getUsableSpace();

    /** Bytes this process may write to the file store of a directory. */
    long usableBytes(Path directory);
}
