package dev.cretula.testing;

import dev.cretula.Session;
import dev.cretula.SessionCookie;
import dev.cretula.json.Json;
import java.util.List;
import java.util.stream.Collectors;

/** Makes what a browser would send, for tests of an application. */
public final class Testing {
    private Testing() {
    }

    /**
     * Signs a user on and returns what their browser would send.
     *
     * @param sessions   the sessions of the application under test
     * @param sub        who is signed on
     * @param generation the user's session generation
     * @param data       the session's data; {@link Json#EMPTY} for none
     * @return the value of the header {@code Cookie}
     * @throws dev.cretula.CretulaException as a sign-on and its commit
     */
    public static String signedOn(SessionCookie sessions, String sub, long generation, Json.Obj data) {
        Session session = sessions.open(List.of()).unchecked();
        session.signOn(sub, generation);
        session.setData(data);
        return sessions.commit(session, null).setCookies().stream().filter(line -> !line.contains("; Max-Age=0;"))
                .map(line -> line.substring(0, line.indexOf(';'))).collect(Collectors.joining("; "));
    }
}
