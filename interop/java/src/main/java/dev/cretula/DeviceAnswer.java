package dev.cretula;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The whole answer of an endpoint of device binding (DEV-07, DEV-08).
 *
 * @param status  200, 401, 403 or 503
 * @param reason  why it was refused: for the log, never for the page
 * @param headers names and values, in order; a name may come several times
 * @param body    ASCII; empty where there is none
 * @param written the commit of the session, where it was written
 */
public record DeviceAnswer(int status, Optional<Code> reason, List<Map.Entry<String, String>> headers, String body,
        Optional<SessionCookie.Response> written) {
    /** Shows neither headers nor body, for they hold tokens. */
    @Override
    public String toString() {
        return "DeviceAnswer[" + status + reason.map(code -> " " + code).orElse("") + "]";
    }
}
