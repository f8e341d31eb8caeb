package dev.cretula;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import example.SealedToken;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README's code is that of the files that are compiled and run here. */
class ReadmeTest {
    private static final Path BASE = Path.of(System.getProperty("cretula.basedir", "."));

    private static String between(String text) {
        return text.substring(text.indexOf("// snippet:begin\n") + 17, text.indexOf("// snippet:end"));
    }

    @Test
    void snippetsAreTheFiles() throws Exception {
        String readme = Files.readString(BASE.resolve("README.md"));
        Matcher m = Pattern.compile("<!-- snippet: (\\w+) -->\n```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
        int found = 0;
        while (m.find()) {
            String file = Files.readString(BASE.resolve("src/test/java/example/" + m.group(1) + ".java"));
            assertEquals(between(file), m.group(2), m.group(1));
            found++;
        }
        assertEquals(3, found);
    }

    @Test
    void theSealedTokenRuns() {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            SealedToken.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("/basket?page=2"));
    }
}
