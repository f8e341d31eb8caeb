package dev.cretula.internal;

import dev.cretula.Code;
import dev.cretula.Commit;
import dev.cretula.Context;
import dev.cretula.CretulaException;
import dev.cretula.DeviceAnswer;
import dev.cretula.Event;
import dev.cretula.Key;
import dev.cretula.Keyring;
import dev.cretula.Sealer;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCookie;
import dev.cretula.Sessions;
import java.util.List;
import java.util.Map;

/** The way from dev.cretula.hazmat into dev.cretula. Not for applications; not exported. */
public abstract class Access {
    private static volatile Access instance;

    /** Called by dev.cretula only. */
    protected Access() {
    }

    /**
     * The instance, which dev.cretula sets.
     *
     * @return the instance
     */
    public static Access get() {
        if (instance == null) {
            try {
                Class.forName("dev.cretula.AccessImpl");
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }
        return instance;
    }

    /**
     * Sets it.
     *
     * @param access the instance
     */
    protected static void set(Access access) {
        instance = access;
    }

    /** Values that are otherwise drawn at random; null where none is drawn. Or the generator fails. */
    public record Fixed(String sid, byte[] salt, byte[] iv, String id, Map<String, Fixed> tokens, boolean fails) {
        /** Shows none of them. */
        @Override
        public String toString() {
            return "Fixed[secret]";
        }
    }

    public abstract Key key(byte[] bytes);

    public abstract Key key(String text);

    public abstract byte[] bytes(Key key);

    public abstract Keyring ring(String text);

    public abstract Keyring ring(byte[] octets);

    public abstract byte[] info(Context context, boolean sealed);

    public abstract byte[] okm(Key key, byte[] info);

    public abstract byte[] subkey(byte[] workingKey, byte[] salt);

    public abstract String seal(Sealer sealer, byte[] payload, long ttl, long now, Fixed fixed);

    public abstract Commit commit(Sessions sessions, Session session, long now, Fixed fixed);

    public abstract SessionCookie.Response commit(SessionCookie cookie, Session session, long now, String cacheControl,
            Fixed fixed);

    public abstract DeviceAnswer register(SessionCookie cookie, List<String> fields, List<String> responses,
            SessionCheck check, long now, Fixed fixed);

    public abstract DeviceAnswer refresh(SessionCookie cookie, List<String> fields, List<String> ids,
            List<String> responses, SessionCheck check, long now, Fixed fixed);

    public abstract String payload(Session session);

    public abstract void close(Session session);

    public abstract void tell(SessionCookie cookie, Event event);

    public abstract CretulaException notNow(Code code);

}
