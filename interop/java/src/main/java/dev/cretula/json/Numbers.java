package dev.cretula.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** The one spelling of a number (SESS-05). */
final class Numbers {
    private static final double INTEGER_END = 1L << 53;

    private Numbers() {
    }

    static String spell(Json.Num number) {
        double d = number.value();
        if (!(Math.abs(d) < INTEGER_END)) {
            return number.text();
        }
        return d == Math.rint(d) ? Long.toString((long) d) : fraction(d);
    }

    /** ECMAScript's Number::toString of a number that is no integer and below 2^53. */
    private static String fraction(double d) {
        BigDecimal shortest = shortest(d).stripTrailingZeros();
        String sign = d < 0 ? "-" : "";
        String digits = shortest.unscaledValue().abs().toString();
        // The value is 0.digits times 10 to the power of point.
        int point = digits.length() - shortest.scale();
        if (point > 0) {
            return sign + digits.substring(0, point) + "." + digits.substring(point);
        } else if (point > -6) {
            return sign + "0." + "0".repeat(-point) + digits;
        }
        String rest = digits.length() == 1 ? "" : "." + digits.substring(1);
        return sign + digits.charAt(0) + rest + "e" + (point - 1);
    }

    /**
     * The fewest digits that read back to the same value, and of several such numbers the closest. Double.toString gives
     * too many before Java 19: for 2^-44, which is 5.684341886080802E-14, 5.6843418860808015E-14.
     */
    private static BigDecimal shortest(double d) {
        BigDecimal exact = new BigDecimal(d);
        for (int precision = 1; precision < 17; precision++) {
            // At a power of two the gap below is half of that above: the closest may miss where its neighbour does not.
            for (RoundingMode mode : new RoundingMode[] {RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN}) {
                BigDecimal rounded = exact.round(new MathContext(precision, mode));
                if (Double.parseDouble(rounded.toString()) == d) {
                    return rounded;
                }
            }
        }
        return exact.round(new MathContext(17, RoundingMode.HALF_EVEN));
    }
}
