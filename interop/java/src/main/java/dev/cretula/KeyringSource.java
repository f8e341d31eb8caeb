package dev.cretula;

/** Where sealers and openers take their ring from: a fixed {@link Keyring}, or a {@link LiveKeyring}. */
public sealed interface KeyringSource permits Keyring, LiveKeyring {
    /**
     * The ring now in force. A call uses one ring throughout (RING-17).
     *
     * @return the ring
     */
    Keyring ring();
}
