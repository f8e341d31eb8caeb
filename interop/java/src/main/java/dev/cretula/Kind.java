package dev.cretula;

/** The two kinds of token (§1, §3). */
enum Kind {
    SEALED('E', 0x0a, 0xb1, 0x35, Limits.SEALED_MIN_BYTES), SIGNED('S', 0x0a, 0xb4, 0xb5, Limits.SIGNED_MIN_BYTES);

    final byte letter;
    final byte[] magic;
    final String magicText;
    final int minBytes;

    Kind(char letter, int a, int b, int c, int minBytes) {
        this.letter = (byte) letter;
        this.magic = new byte[] {(byte) a, (byte) b, (byte) c};
        this.magicText = "Cr" + letter + "1";
        this.minBytes = minBytes;
    }

    Kind other() {
        return this == SEALED ? SIGNED : SEALED;
    }
}
