package example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.OptionalLong;

/**
 * What stands for the database that all five servers share: a folder. {@code users/<name>} holds a session generation,
 * {@code denied/<sid>} the end of a session that was ended.
 */
record Database(Path folder) {
    private static final SecureRandom RANDOM = new SecureRandom();

    static boolean isName(String name) {
        return name != null && name.matches("[a-z]{1,20}");
    }

    boolean isDenied(String sid) {
        return !Files.notExists(denied(sid)); // "cannot tell" is not "no"
    }

    void deny(String sid, long end) throws IOException {
        write(denied(sid), end);
    }

    /** Empty is "no answer". */
    OptionalLong generation(String name) {
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(user(name)).strip()));
        } catch (IOException | IllegalArgumentException e) {
            return OptionalLong.empty();
        }
    }

    /** A new user's number is random below 2^48. */
    long generationOrNew(String name) throws IOException {
        if (Files.notExists(user(name))) {
            write(user(name), RANDOM.nextLong(1L << 48));
        }
        return generation(name).orElseThrow(() -> new IOException("no number"));
    }

    void countUp(String name) throws IOException {
        write(user(name), generation(name).orElseThrow(() -> new NoSuchFileException(name)) + 1);
    }

    private Path user(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("no name");
        }
        return folder.resolve("users").resolve(name);
    }

    /** A sid has 22 base64url characters: fit for a file name. */
    private Path denied(String sid) {
        return folder.resolve("denied").resolve(sid);
    }

    private void write(Path path, long number) throws IOException {
        Path draft = Files.createTempFile(folder, "draft-", null);
        Files.writeString(draft, Long.toString(number));
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
    }
}
