package dev.cretula.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A number in data has one spelling (SESS-05). */
class NumbersTest {
    private static String spell(String text) {
        return Numbers.spell(new Json.Num(text));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "-0,0", "-0.0,0", "0e9,0", "1e-400,0", "1.0,1", "1E2,100", "25e-1,2.5", "-7.000,-7", "1e15,1000000000000000",
        "9007199254740991,9007199254740991", "9007199254740990.9999,9007199254740991", "0.10,0.1",
        "0.10000000000000000001,0.1", "0.30000000000000004,0.30000000000000004", "123456.789,123456.789", "-1.50,-1.5",
        "0.000001,0.000001", "1e-6,0.000001", "1.5E-6,0.0000015", "1e-7,1e-7", "0.00000015,1.5e-7", "1.5e-10,1.5e-10",
        "-9.999999999999997e-7,-9.999999999999997e-7", "333333333.33333325,333333333.33333325", "4.9E-324,5e-324",
        "2.2250738585072014e-308,2.2250738585072014e-308", "5.6843418860808015E-14,5.684341886080802e-14",
        "1424953923781206.25,1424953923781206.2", "2.98023223876953125E-8,2.9802322387695312e-8"}) // ties: the even digit
    void examples(String text, String spelling) {
        assertEquals(spelling, spell(text));
    }

    /** What no session carries is refused elsewhere, and keeps its spelling. */
    @ParameterizedTest
    @CsvSource({"9007199254740992", "1e300", "-1E400"})
    void beyondTheRange(String text) {
        assertEquals(text, spell(text));
    }

    @Test
    void theTrap() {
        assertNotEquals("5.684341886080802E-14", Double.toString(0x1p-44), "from Java 19 on it is");
        assertEquals("5.684341886080802e-14", spell(Double.toString(0x1p-44)));
    }

    /**
     * 82 843 numbers, as Node 20 writes them: its digest over {@code `${d}\n`}. Random bits, thousandths, and the
     * neighbourhood of each power of two, where the gap below is half of that above.
     */
    @Test
    void asEcmascriptWritesThem() throws Exception {
        MessageDigest all = MessageDigest.getInstance("SHA-256");
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        int count = 0;
        for (int i = 0; i < 25_000; i++) {
            ByteBuffer b = ByteBuffer.wrap(sha256.digest(Integer.toString(i).getBytes(StandardCharsets.US_ASCII)));
            for (int at = 0; at < 32; at += 8) {
                count += take(all, b.getDouble(at));
            }
            count += take(all, (b.getInt(0) & 0xffff_ffffL) / 1000.0);
        }
        for (int e = 1; e <= 1074; e++) {
            long bits = Double.doubleToLongBits(Math.scalb(1.0, -e));
            for (long near = Math.max(1, bits - 2); near <= bits + 2; near++) {
                count += take(all, Double.longBitsToDouble(near));
            }
        }
        assertEquals(82_843, count);
        assertEquals("1111271eab3e136f996d094d5679bd42ec9c3865ad842c3662cc11c810840c77",
                HexFormat.of().formatHex(all.digest()));
    }

    private static int take(MessageDigest all, double d) {
        if (!(Math.abs(d) < 0x1p53) || d == Math.rint(d)) {
            return 0;
        }
        all.update((spell(Double.toString(d)) + "\n").getBytes(StandardCharsets.US_ASCII));
        return 1;
    }
}
