package dev.cretula;

/** What every refusal tells: its {@link Code} (CODE-01). */
public sealed interface Refusal permits CretulaException, TokenException {
    /**
     * Why it was refused.
     *
     * @return the code
     */
    Code code();
}
