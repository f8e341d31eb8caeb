"""What vectors do not show of writing cookies (spec §20.4, §20.5)."""

from __future__ import annotations

import json

import pytest

from cookie_support import (
    LARGE,
    NAME,
    SESSIONS,
    jar,
    lines,
    made,
    new,
    reason,
    stored,
    token_of,
    tried,
)
from cretula import (
    Context,
    Cookie,
    CookieCommit,
    CookieTooLarge,
    Entry,
    Keyring,
    Policy,
    Previous,
    Session,
    SessionProfile,
    Sessions,
    TokenCookie,
    reading,
)
from cretula.bound import Ring
from support import CONTEXT, NOW, code, key, ring
from test_secrecy import SECRET, everything


def test_life_of_a_mark() -> None:
    for end, now, life in (
        (NOW + 10**9, NOW, 34_560_000),
        (NOW + 5, NOW + 4, 1),
        (NOW + 5, NOW + 5, None),
    ):
        field = NAME.encode() + b"=" + made(end=end)
        session = SESSIONS.open([field], now=NOW).unchecked()
        session.sign_off()
        headers = tried(session, now=now).headers
        marks = [value for _, value in headers if ".end=" in value]
        assert len(marks) == (life is not None)
        assert all(f"; Max-Age={life};" in mark for mark in marks)


def test_two_responses_differ() -> None:
    session = new(LARGE)
    session.data["a"] = "x" * 4000
    pairs = [tuple(lines(LARGE, session)) for _ in range(50)]
    assert len({first for _, first in pairs}) == len({second for second, _ in pairs}) == 50
    start = len(NAME) + len("=2.")
    assert len({first[start : start + 8] for _, first in pairs}) == 50


def test_two_cookies() -> None:
    field = stored(4000, LARGE)
    second, first = field.split(b"; ")
    start = NAME.encode() + b"=2."
    assert first.startswith(start)
    assert len(first) - len(NAME) - 1 == 3000
    assert second.startswith(NAME.encode() + b".1=" + first[len(start) : len(start) + 9])
    for sessions in (SESSIONS, LARGE):  # [COOK-13]
        assert reason([field], sessions) is None
        assert reason([second, b"x=y", first, second], sessions) is None
        assert reason([first], sessions) == "chunks"
        assert reason([first, second, second + b"A"], sessions) == "chunks"
    session = LARGE.open([field], now=NOW).unchecked()
    session.data = {"a": 1}
    expired, one = lines(LARGE, session)
    assert one.startswith(NAME + "=CrE1")
    assert expired == Cookie(name=NAME).expire().replace(NAME, NAME + ".1")


@pytest.mark.parametrize("sessions", [SESSIONS, LARGE])
def test_too_large_is_exact(sessions: Sessions) -> None:
    """[COOK-11]: one octet over is refused, and what fits is read again."""
    limit = 5980 if sessions is LARGE else 4096 - len(NAME)
    for size in range(limit * 3 // 4 - 250, limit * 3 // 4):
        session = new(sessions)
        session.data = {"b": "", "a": "x" * size, SECRET: "y"}
        if len(token_of(session)) > limit:
            break
        assert reason([jar(lines(sessions, session))], sessions) is None
    with pytest.raises(CookieTooLarge) as caught:
        lines(sessions, session)
    assert caught.value.over == len(token_of(session)) - limit in (1, 2)
    assert caught.value.largest == "a"
    assert SECRET not in str(caught.value) + repr(caught.value)
    session.data = {}
    session.flash("m", "x" * 9000)
    with pytest.raises(CookieTooLarge) as caught:
        tried(session, sessions)
    assert caught.value.largest is None
    session.take_flash("m")
    session.data["a"] = 1
    assert lines(sessions, session)


def test_largest_of_equals() -> None:
    """[COOK-11]: the smallest name by its UTF-8 bytes, which is not the order of UTF-16."""
    for smallest, other in (("a", "b"), ("Z", "a"), ("z", "é"), ("\uffff", "😀"), ("", "\0")):
        for names in ((smallest, other), (other, smallest)):
            session = new()
            session.data = {"short": "x" * 2500} | dict.fromkeys(names, "y" * 3600)
            with pytest.raises(CookieTooLarge) as caught:
                tried(session)
            assert caught.value.largest == smallest


def over(sessions: Sessions, session: Session) -> int:
    """What the commit tells of the size."""
    try:
        tried(session, sessions)
    except CookieTooLarge as error:
        return error.over
    return 0


@pytest.mark.parametrize("sessions", [SESSIONS, LARGE])
def test_excess(sessions: Sessions) -> None:
    """[COOK-17]: what the commit would tell, without one."""
    for session in (new(sessions), sessions.open([stored()], now=NOW).unchecked()):
        assert sessions.excess(session, now=NOW) == 0
        session.sign_on("ada", 7)
        seen = set()
        for size in (10, 2600, 2800, 2900, 3000, 4300, 4400, 4500, 9000):
            session.data["a"] = "x" * size
            excess = sessions.excess(session, now=NOW)
            assert excess == sessions.excess(session, now=NOW)
            assert excess == over(sessions, session)
            seen.add(excess > 0)
        assert seen == {False, True}
        assert code(sessions.excess, session, now=-1) == "clock_range"
        session.data["a"] = 2**53
        assert code(sessions.excess, session, now=NOW) == "payload_unserializable"
        session.data["a"] = 1
        assert sessions.commit(session, now=NOW).wrote == "seal"
        assert code(sessions.excess, session, now=NOW) == "committed"


def test_excess_draws_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    session = SESSIONS.open([stored(4000, LARGE)], now=NOW).unchecked()
    monkeypatch.setattr("os.urandom", lambda count: 1 // 0)
    none = Sessions(Keyring([Entry(key(2), seal_from=NOW + 1)]), CONTEXT)
    assert none.excess(session, now=NOW) == SESSIONS.excess(session, now=NOW) > 0
    assert SESSIONS.excess(session, now=NOW + 10**9) > 0  # past its absolute end too
    assert tried(session).wrote == "nothing"
    with pytest.raises(TypeError):
        SESSIONS.excess({}, now=NOW)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        SESSIONS.excess(SessionProfile(ring(1), CONTEXT).open(None, now=NOW).unchecked())


def test_caching() -> None:
    """[COOK-10]"""
    session = new()
    vary = ("Vary", "Cookie")
    assert tried(session).headers == [vary, ("Cache-Control", "private")]
    assert tried(session, cache_control="no-cache").headers == [vary]
    session.data["a"] = 1
    written = tried(session, cache_control="public")
    assert written.headers[1:] == [vary, ("Cache-Control", "no-store")]
    assert not written.large
    session.data["a"] = "x" * 2500
    assert tried(session).large


def test_browser_session_and_previous() -> None:
    cookie = Cookie(browser_session=True, previous=[Previous(partitioned=True)])
    sessions = Sessions(ring(1), CONTEXT, cookie=cookie)
    session = new(sessions, [NAME.encode() + b".1=x"])
    assert lines(sessions, session) == []
    session.send()
    written = lines(sessions, session)
    assert [line.partition("; ")[2] for line in written] == [
        "Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax; Partitioned",
        "Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax; Partitioned",
        "Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
        "Path=/; Secure; HttpOnly; SameSite=Lax",
    ]


def test_ended_mark() -> None:
    """[COOK-07]: after sign-off a copy that another response brings back stays closed."""
    good = stored()
    session = SESSIONS.open([good], now=NOW).unchecked()
    session.sign_off()
    mark, expired = lines(SESSIONS, session)
    assert mark.partition("; ")[2] == "Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Lax"
    marks = b"; ".join([NAME.encode() + b".end=" + b"A" * 22] * 500 + [jar([mark])])
    assert reason([good, marks]) == "signed_off"
    assert reason([good + b"; " + marks[:-1]]) is None
    assert reason([jar([expired, mark])]) == "not_a_token"
    # A session that a mark closed is not offered again, and gets no new mark.
    session = SESSIONS.open([good, marks], now=NOW).unchecked()
    session.sign_off()
    assert lines(SESSIONS, session) == [expired]
    assert tried(session).ended == ()


def test_sessions_of_other_transports() -> None:
    profile = SessionProfile(ring(1), CONTEXT)
    with pytest.raises(TypeError):
        SESSIONS.commit(profile.open(None, now=NOW).unchecked(), now=NOW)


def test_exchange_of_the_ring() -> None:
    sessions = Sessions(ring(1), CONTEXT, policy=Policy(idle=99))
    sessions.replace_keyring(ring(2))
    assert reason([stored()], sessions) == "unknown_key"
    assert (len(sessions.keyring), sessions.policy.idle) == (1, 99)
    assert sessions.cookie == Cookie()


def test_one_ring_for_shape_and_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """[RING-17]: a ring exchanged while a request is read is the next request's."""
    sessions = Sessions(ring(1), CONTEXT)
    tokens = TokenCookie(ring(1), CONTEXT, Cookie(), ttl=60)
    reader: Sessions | TokenCookie = sessions
    field = stored()
    judge = reading._has_shape

    def exchanged(value: bytes, of: Ring) -> bool:
        reader.replace_keyring(ring(2))
        return judge(value, of)

    monkeypatch.setattr(reading, "_has_shape", exchanged)
    assert sessions.open([field], now=NOW).reason is None
    assert sessions.open([field], now=NOW).reason == "unknown_key"
    reader = tokens
    assert tokens.read([field], now=NOW).payload
    assert code(tokens.read, [field], now=NOW) == "unknown_key"


def test_other_context() -> None:
    """A session is committed where it was opened (§19.4)."""
    session = new()
    session.send()
    for context in (Context("shop.example", "remember"), Context("a", "session")):
        other = Sessions(ring(1), context, cookie=Cookie(name="__Host-other"))
        assert code(other.commit, session, now=NOW) == "context_invalid"
    same = Sessions(ring(1), Context("shop.example", "session"))
    assert same.commit(session, now=NOW).wrote == "seal"
    with pytest.raises(TypeError):
        SESSIONS.commit({}, now=NOW)  # type: ignore[arg-type]


def refreshed(field: bytes, sessions: Sessions) -> CookieCommit:
    session = sessions.open([field], now=NOW).unchecked()
    assert session.reason is None
    return sessions.commit(session, now=NOW + 1000, cache_control="no-cache")


def fault(commit: CookieCommit) -> str | None:
    return None if commit.fault is None else commit.fault.code


def test_refresh_that_fails_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """[SESS-11]: a session in two cookies lives on behind a server that writes one."""
    field = stored(4000, LARGE)
    assert refreshed(field, LARGE).wrote == "seal"
    commit = refreshed(field, SESSIONS)
    assert (commit.wrote, commit.headers) == ("nothing", [("Vary", "Cookie")])
    assert isinstance(commit.fault, CookieTooLarge)
    assert (commit.fault.largest, commit.payload, commit.large) == ("a", None, False)
    assert not any("xxx" in text for text in everything(commit.fault))

    def fails(count: int) -> bytes:
        if count == 6:  # the id of two cookies, the last that is drawn
            raise OSError
        return bytes(count)

    monkeypatch.setattr("os.urandom", fails)
    commit = refreshed(field, LARGE)
    assert (commit.wrote, commit.headers) == ("nothing", [("Vary", "Cookie")])
    assert fault(commit) == "no_randomness"


def test_sign_off_that_fails_expires() -> None:
    """[SESS-11]: with the mark, all cookies of the session and the earlier combinations."""
    settings = Cookie(previous=[Previous(partitioned=True)])
    sessions = Sessions(ring(1), CONTEXT, cookie=settings)
    session = sessions.open([stored(4000, LARGE)], now=NOW).unchecked()
    session.sign_off()
    plain = tried(session, sessions)
    assert fault(plain) is None
    for message, expected in (("x" * 9000, "cookie_too_large"), (2**53, "payload_unserializable")):
        session.flash("m", message)
        commit = tried(session, sessions)
        assert (commit.wrote, commit.headers) == ("expire", plain.headers)
        assert (commit.ended, fault(commit)) == (plain.ended, expected)
        session.take_flash("m")
    written = [value.split("; Max")[0] for _, value in commit.headers if "; Max" in value]
    assert [text.split("=")[0] for text in written] == [
        NAME,
        NAME + ".1",
        NAME + ".1",
        NAME + ".end",
        NAME,
    ]
    session.sign_on("ada", 7)
    session.flash("m", "x" * 9000)
    assert code(sessions.commit, session, now=NOW) == "cookie_too_large"


def test_nothing_is_shown() -> None:
    session = new()
    session.data["a"] = SECRET
    commit = tried(session)
    token = commit.headers[0][1].split("=")[1].split(";")[0]
    assert json.loads(commit.payload or "")["data"] == {"a": SECRET}
    two = new(LARGE)
    two.data["a"] = SECRET * 300
    parts = LARGE.commit(two, now=NOW)
    again = SESSIONS.open([jar([commit.headers[0][1]])], now=NOW).unchecked()
    again.sign_off()
    again.data["b"] = [SECRET, 2**53]
    off = SESSIONS.commit(again, now=NOW)
    (ended,) = off.ended
    shown = repr([commit, parts, off, SESSIONS, session]) + f"{commit} {parts} {off}"
    assert "payload_unserializable" in shown
    hidden = [SECRET, token, ended.sid, "CrE1"]
    hidden += [line.split("=")[1].split(";")[0] for _, line in parts.headers[:2]]
    assert not any(text in shown for text in hidden)
