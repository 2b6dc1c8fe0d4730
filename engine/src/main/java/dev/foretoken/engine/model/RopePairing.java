package dev.foretoken.engine.model;

/** Which two elements of a head the rotary embedding turns together; pair i turns at frequency i. */
public enum RopePairing {
    /** Elements 2i and 2i + 1. */
    NEIGHBOURS,
    /** Elements i and i + headDim / 2. */
    HALVES
}
