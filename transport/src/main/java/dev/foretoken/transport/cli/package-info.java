/**
 * The command line: parses options, drives the facade, shows what comes out.
 * <p>Lives here: commands, output formats, terminals, exit statuses, log set-up; picocli, Jackson and Logback. May not:
 * decisions about decoding. Nothing outside depends on this package.
 */
@NullMarked
package dev.foretoken.transport.cli;

import org.jspecify.annotations.NullMarked;
