"""What vectors do not show of cookies (spec §20)."""

from __future__ import annotations

import json
import random
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

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
    Unsealer,
    check_cookies,
    cookie,
)
from cretula.bound import Ring
from cretula.cookie import _Fields
from support import CONTEXT, NOW, SEALER, code, key, ring
from test_secrecy import SECRET, everything, refused

NAME = "__Host-session"
SESSIONS = Sessions(ring(1), CONTEXT)
LARGE = Sessions(ring(1), CONTEXT, cookie=Cookie(large=True))
RANDOM = random.Random("cookies")


def new(sessions: Sessions = SESSIONS, fields: list[bytes] | None = None) -> Session:
    return sessions.open(fields or [], now=NOW).checked(None)


def lines(sessions: Sessions, session: Session, **options: Any) -> list[str]:
    headers = sessions.commit(session, now=NOW, **options).headers
    return [value for name, value in headers if name == "Set-Cookie"]


def jar(of: list[str]) -> bytes:
    return "; ".join(line.split(";")[0] for line in of).encode()


def stored(size: int = 1, sessions: Sessions = SESSIONS) -> bytes:
    """A Cookie field with a session whose data holds so many characters."""
    session = new(sessions)
    session.data["a"] = "x" * size
    return jar(lines(sessions, session))


def token_of(session: Session) -> str:
    """The token without regard to cookies."""
    return SessionProfile(ring(1), CONTEXT).commit(session, now=NOW).token or ""


def reason(fields: list[bytes], sessions: Sessions = SESSIONS) -> str | None:
    return sessions.open(fields, now=NOW).unchecked().reason


# Set-up

ATTRIBUTES = "cookie_attributes"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"name": ""}, "cookie_name"),
        ({"name": "a" * 65}, "cookie_name"),
        ({"name": "a b"}, "cookie_name"),
        ({"name": "a\n"}, "cookie_name"),
        ({"name": "é"}, "cookie_name"),
        ({"name": "a=b"}, "cookie_name"),
        ({"name": "__host-a"}, "cookie_name"),
        ({"name": "__SECURE-a", "path": ""}, "cookie_name"),
        ({"path": ""}, "cookie_attributes"),
        ({"path": "a"}, "cookie_attributes"),
        ({"name": "a", "path": "/;"}, "cookie_attributes"),
        ({"name": "a", "path": "/\n"}, "cookie_attributes"),
        ({"name": "a", "path": "/ "}, "cookie_attributes"),
        ({"name": "a", "path": "/" + "a" * 1024}, "cookie_attributes"),
        ({"path": "/a"}, "cookie_attributes"),
        ({"domain": "shop.example"}, "cookie_attributes"),
        ({"name": "a", "domain": "shop.example"}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": ""}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": ".shop.example"}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": "shop..example"}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": "shöp.example"}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": "a" * 254}, "cookie_attributes"),
        ({"secure": False}, "cookie_attributes"),
        ({"name": "__Secure-a", "secure": False}, "cookie_attributes"),
        ({"name": "a", "secure": False, "same_site": "None"}, "cookie_attributes"),
        ({"name": "a", "secure": False, "partitioned": True}, "cookie_attributes"),
        ({"same_site": "lax"}, "cookie_attributes"),
        ({"name": "a", "large": True}, "cookie_attributes"),
        ({"previous": [Previous()]}, "cookie_attributes"),
        ({"previous": [Previous(path="/a")]}, "cookie_attributes"),
        ({"name": "__Secure-a", "previous": [Previous(domain="a;")]}, "cookie_attributes"),
        ({"previous": [Previous(partitioned=True)] * 2}, "cookie_attributes"),
        ({"name": "a", "previous": [Previous("/a"), Previous("/b"), Previous("/a")]}, ATTRIBUTES),
        (
            {"name": "__Secure-a", "previous": [Previous(domain="a"), Previous(domain="A")]},
            ATTRIBUTES,
        ),
        (
            {"name": "__Secure-a", "domain": "Ab.c", "previous": [Previous(domain="aB.c")]},
            ATTRIBUTES,
        ),
    ],
)
def test_cookies_refused(settings: dict[str, Any], expected: str) -> None:
    assert code(Cookie, **settings) == expected


@pytest.mark.parametrize(
    "settings",
    [
        {"name": "!#$%&'*+-.^_`|~09AZaz"},
        {"name": "a" * 64},
        {"name": "__Hostile", "path": "/" + "~" * 1023},
        {"name": "__Secure-a", "domain": "a" * 253, "same_site": "None", "partitioned": True},
        {"name": "dev", "secure": False},
        {"previous": [Previous(partitioned=True)], "large": True},
        {"name": "a", "path": "/a", "previous": [Previous("/A"), Previous("/"), Previous("/a/")]},
        {"name": "__Secure-a", "domain": "a.b", "previous": [Previous(domain="A.B", path="/a")]},
    ],
)
def test_cookies_accepted(settings: dict[str, Any]) -> None:
    cookie = Cookie(**settings)
    assert cookie.expire().startswith(f"{cookie.name}=; Path={cookie.path}; ")
    assert hash(cookie) == hash(Cookie(**settings))


def test_cookie_of_wrong_types() -> None:
    for settings in ({"name": 1}, {"path": None}, {"domain": 5}, {"same_site": None}):
        with pytest.raises(TypeError):
            Cookie(**settings)


def test_clashes() -> None:
    """[COOK-03]"""
    a, b = Cookie(name="a"), Cookie(name="b")
    check_cookies([("p", a), ("q", b)])
    check_cookies([("p", a), ("q", Cookie(name="A"))])
    check_cookies([("p", a), ("q", Cookie(name="a.2"))])
    for pairs in (
        [("p", a), ("p", b)],
        [("p", a), ("q", Cookie(name="a"))],
        [("p", Cookie(name="a.1")), ("q", a)],
        [("p", a), ("q", b), ("r", Cookie(name="b.end"))],
    ):
        assert code(check_cookies, pairs) == "cookie_clash"


# Reading


def naive(fields: list[bytes], name: bytes) -> list[bytes]:
    """[COOK-04] as the text has it."""
    found = []
    for part in (part for octets in fields for part in octets.split(b";")):
        before, equals, after = part.partition(b"=")
        if equals and before.strip(b" \t") == name:
            found.append(after.strip(b" \t"))
    return found


def test_values_against_a_naive_form() -> None:
    pieces = [b"a", b"a.1", b"=", b"=", b";", b";", b" ", b"\t", b'"', b"\xa0", b"\xef\xbb\xbf"]
    pieces += [b"\0", b"\r\n", b"%61", b"A", b",", b"a=1", b"; a = x y \t;", b"$Path"]
    for _ in range(5000):
        fields = [
            b"".join(RANDOM.choices(pieces, k=RANDOM.randrange(20)))
            for _ in range(RANDOM.randrange(4))
        ]
        for name in ("a", "a.1"):
            assert list(_Fields(fields).values(name, 99)) == naive(fields, name.encode())
            assert _Fields(fields).has(name) == bool(naive(fields, name.encode()))


@pytest.mark.parametrize("space", [b" " * 4095, b" " * 4096, b"\t" * 4097, b" \t" * 9000])
def test_long_space(space: bytes) -> None:
    inner = b"x" + space + b"y"
    fields = [b"o=1;" + space + b"a" + space + b"=" + space + inner + space + b";a=" + space]
    assert list(_Fields(fields).values("a", 99_999)) == [inner, b""]


HOSTILE: list[Callable[[bytes, int], list[bytes]]] = [
    lambda good, n: [b"; ".join([b"a=1"] * 100 * n)],
    lambda good, n: [b"; ".join([good] * 100 * n)],
    lambda good, n: [b"; ".join(good + b"%d" % i for i in range(100 * n))],
    lambda good, n: [b"; ".join([NAME.encode() + b"="] * 100 * n)],
    lambda good, n: [b" " * 16_384] * n,
    lambda good, n: [b";" * 16_384] * n,
    lambda good, n: [b"=" * 16_384] * n,
    lambda good, n: [NAME.encode() + b" " * 16_384] * n,
    lambda good, n: [NAME.encode() + b"=" + b" A" * 8_192] * n,
    lambda good, n: [NAME.encode() + b"=A" + b" " * 16_000 + b"A"] * n,
    lambda good, n: [good] + [NAME.encode() + b".end=" + b"a" * 22 + b";" * 16_000] * n,
    lambda good, n: (
        [NAME.encode() + b"=2.aaaaaaaa." + good[15:64] + b"%d" % i for i in range(4)]
        + [(NAME.encode() + b".1=aaaaaaaa.b; ") * 400] * n
    ),
    lambda good, n: [RANDOM.randbytes(16_384) for _ in range(n)],
]


@pytest.mark.parametrize("shape", range(len(HOSTILE)))
def test_hostile_fields(shape: int) -> None:
    """[COOK-05]: 10 000 pairs or 100 fields of 16 KB cost about 10 times a 10th of that."""
    good = stored()
    small, full = HOSTILE[shape](good, 10), HOSTILE[shape](good, 100)

    def cost(fields: list[bytes]) -> float:
        times = []
        for _ in range(3):
            start = time.thread_time()
            SESSIONS.commit(SESSIONS.open(fields, now=NOW).checked(None), now=NOW)
            times.append(time.thread_time() - start)
        return min(times)

    # CPU time. Quadratic would be 100 times, in every try; 40, the floor and the tries leave room
    # for a busy machine.
    assert any(cost(full) < 40 * max(cost(small), 0.002) for _ in range(10))


def test_memory_of_reading() -> None:
    fields = [NAME.encode() + b"=" + b"A" * 1_000_000, stored(), b"a=" + b" " * 1_000_000]
    fields.append(b"; ".join(NAME.encode() + b"=%d" % i for i in range(100_000)))
    SESSIONS.open(fields, now=NOW)
    tracemalloc.start()
    try:
        assert SESSIONS.open(fields, now=NOW).reason is None
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_random_fields_never_raise() -> None:
    good = stored()
    for _ in range(1000):
        pieces = [good, good[15:], NAME.encode(), b"=", b";", b".1", b".end", b"2.", b"\xff"]
        pieces += [RANDOM.randbytes(9), good[: RANDOM.randrange(len(good))], b'"', b" "]
        fields = [
            b"".join(RANDOM.choices(pieces, k=RANDOM.randrange(12)))
            for _ in range(RANDOM.randrange(5))
        ]
        session = SESSIONS.open(fields, now=NOW).checked(None)
        SESSIONS.commit(session, now=NOW)


def test_foreign_pairs_change_nothing() -> None:
    good = stored()
    for foreign in (b'"', b'a="', b"\xff=\0", b"=;=", b"a=b,", b"%s", b"__Host-session", b"$=1"):
        assert reason([foreign + b"; " + good]) is None
        assert reason([good + b";" + foreign]) is None
        assert reason([foreign, b"\t" + good + b" "]) is None
    for prefix in (b"\xa0", b"\xc2\xa0", b"\xef\xbb\xbf", b"\r\n", b"\0"):
        assert reason([prefix + good]) == "absent"
    assert reason([good.replace(b"=", b'="', 1) + b'"']) == "not_a_token"
    assert reason([good.lower()]) == "absent"


def test_choice() -> None:
    session = new()
    session.data["a"] = 1
    first = jar(lines(SESSIONS, session))
    again = SESSIONS.open([first], now=NOW).unchecked()
    again.data["a"] = 2
    second = jar(lines(SESSIONS, again))
    for fields in ([first, second], [second + b";" + first, second], [second, b"", first]):
        assert SESSIONS.open(fields, now=NOW).unchecked().data == {"a": 2}
    assert reason([first, stored()]) == "ambiguous"
    broken = first[:-4] + (b"AAAA" if first[-4:] != b"AAAA" else b"BBBB")
    assert reason([broken, first]) is None
    assert reason([broken, b"x" + broken]) == "auth_failed"
    assert reason([NAME.encode() + b"=", first]) is None
    # In the tag, more than one character of it: one would be right now and then.
    forged = [first[:-10] + b"%d" % i + broken[-8:] for i in range(10, 15)]
    assert reason([b"; ".join(forged)]) == "ambiguous"
    assert reason([b"; ".join(forged[i % 4] for i in range(9))]) == "auth_failed"


def made(rev: int = 1, end: int = NOW + 86_400, now: int = NOW, ttl: int = 1800) -> bytes:
    """A token of a session as another server might have made it."""
    members = {"sid": "A" * 22, "start": min(now, NOW), "end": end, "rev": rev}
    return SEALER.seal(json.dumps(members).encode(), ttl=ttl, now=now).encode()


def test_greatest_rev_then_issued_at() -> None:
    older, later, equal = made(rev=2, now=NOW - 9), made(rev=1), made(rev=2, now=NOW - 5)
    for order in ([older, later, equal], [equal, later, older], [later, equal, older]):
        fields = [NAME.encode() + b"=" + token for token in order]
        assert SESSIONS.open(fields, now=NOW).unchecked().expires_at == NOW - 5 + 1800


def test_idle_window_is_the_openers() -> None:
    field = NAME.encode() + b"=" + made(ttl=9999)
    assert SESSIONS.open([field], now=NOW + 1799).reason is None
    assert SESSIONS.open([field], now=NOW + 1800).reason == "expired"


def test_life_of_a_mark() -> None:
    for end, now, life in (
        (NOW + 10**9, NOW, 34_560_000),
        (NOW + 5, NOW + 4, 1),
        (NOW + 5, NOW + 5, None),
    ):
        field = NAME.encode() + b"=" + made(end=end)
        session = SESSIONS.open([field], now=NOW).unchecked()
        session.sign_off()
        headers = SESSIONS.commit(session, now=now).headers
        marks = [value for _, value in headers if ".end=" in value]
        assert len(marks) == (life is not None)
        assert all(f"; Max-Age={life};" in mark for mark in marks)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"2.", "chunks"),
        (b"2.idididid.", "chunks"),
        (b"2." + b"x" * 9000, "chunks"),
        (b"3." + b"x" * 9000, "too_long"),
        (b"3.", "not_a_token"),
    ],
)
def test_values_without_the_shape(value: bytes, expected: str) -> None:
    assert reason([NAME.encode() + b"=" + value]) == expected
    assert reason([NAME.encode() + b"=" + value, stored()]) is None


def test_sizes_of_parts() -> None:
    """[COOK-14]: 3 000 octets each at most, and at least one in the second."""
    name, token = NAME.encode(), stored(4000, LARGE).replace(b"; ", b"=").split(b"=")
    whole = token[1][11:] + token[3][9:]

    def split(at: int, rest: int = 9999) -> list[bytes]:
        first, second = whole[:at], whole[at : at + rest]
        return [name + b"=2.idididid." + first, name + b".1=idididid." + second]

    assert [reason(split(at)) for at in (2989, 2990, len(whole) - 2991)] == [None, "chunks", None]
    assert reason(split(len(whole) - 2992)) == "chunks"
    assert reason(split(60, 0)) == "chunks"
    assert reason(split(47)) == "chunks"
    assert reason([*split(2989), name + b".1=idididid."]) is None


def test_arguments_of_open() -> None:
    for fields in (b"a=b", "a=b", ["a=b"], [None]):
        with pytest.raises(TypeError):
            SESSIONS.open(fields, now=NOW)  # type: ignore[arg-type]
    assert code(SESSIONS.open, [], now=-1) == "clock_range"
    with pytest.raises(TypeError):
        Sessions(ring(1), CONTEXT, cookie="session")  # type: ignore[arg-type]


# Writing


def test_two_responses_differ() -> None:
    session = new(LARGE)
    session.data["a"] = "x" * 4000
    pairs = [tuple(lines(LARGE, session)) for _ in range(50)]
    assert len({first for first, _ in pairs}) == len({second for _, second in pairs}) == 50
    assert len({first[17:25] for first, _ in pairs}) == 50


def test_two_cookies() -> None:
    field = stored(4000, LARGE)
    first, second = field.split(b"; ")
    assert first.startswith(NAME.encode() + b"=2.")
    assert len(first) - len(NAME) - 1 == 3000
    assert second.startswith(NAME.encode() + b".1=" + first[17:26])
    for sessions in (SESSIONS, LARGE):  # [COOK-13]
        assert reason([field], sessions) is None
        assert reason([second, b"x=y", first, second], sessions) is None
        assert reason([first], sessions) == "chunks"
        assert reason([first, second, second + b"A"], sessions) == "chunks"
    session = LARGE.open([field], now=NOW).unchecked()
    session.data = {"a": 1}
    one, expired = lines(LARGE, session)
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
        sessions.commit(session, now=NOW)
    assert caught.value.largest is None
    session.take_flash("m")
    session.data["a"] = 1
    assert lines(sessions, session)


def test_caching() -> None:
    """[COOK-10]"""
    session = new()
    vary = ("Vary", "Cookie")
    assert SESSIONS.commit(session, now=NOW).headers == [vary, ("Cache-Control", "private")]
    assert SESSIONS.commit(session, now=NOW, cache_control="no-cache").headers == [vary]
    session.data["a"] = 1
    written = SESSIONS.commit(session, now=NOW, cache_control="public")
    assert written.headers[1:] == [vary, ("Cache-Control", "no-store")]
    assert not written.large
    session.data["a"] = "x" * 2500
    assert SESSIONS.commit(session, now=NOW).large


def test_browser_session_and_previous() -> None:
    cookie = Cookie(browser_session=True, previous=[Previous(partitioned=True)])
    sessions = Sessions(ring(1), CONTEXT, cookie=cookie)
    session = new(sessions, [NAME.encode() + b".1=x"])
    assert lines(sessions, session) == []
    session.send()
    written = lines(sessions, session)
    assert [line.partition("; ")[2] for line in written] == [
        "Path=/; Secure; HttpOnly; SameSite=Lax",
        "Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
        "Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax; Partitioned",
        "Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax; Partitioned",
    ]


def test_ended_mark() -> None:
    """[COOK-07]: after sign-off a copy that another response brings back stays closed."""
    good = stored()
    session = SESSIONS.open([good], now=NOW).unchecked()
    session.sign_off()
    expired, mark = lines(SESSIONS, session)
    assert mark.partition("; ")[2] == "Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Lax"
    marks = b"; ".join([NAME.encode() + b".end=" + b"A" * 22] * 500 + [jar([mark])])
    assert reason([good, marks]) == "signed_off"
    assert reason([good + b"; " + marks[:-1]]) is None
    assert reason([jar([expired, mark])]) == "not_a_token"
    # A session that a mark closed is not offered again, and gets no new mark.
    session = SESSIONS.open([good, marks], now=NOW).unchecked()
    session.sign_off()
    assert lines(SESSIONS, session) == [expired]
    assert SESSIONS.commit(session, now=NOW).ended is None


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
    tokens = TokenCookie(ring(1), CONTEXT, Cookie())
    reader: Sessions | TokenCookie = sessions
    field = stored()
    judge = cookie._has_shape

    def exchanged(value: bytes, of: Ring) -> bool:
        reader.replace_keyring(ring(2))
        return judge(value, of)

    monkeypatch.setattr(cookie, "_has_shape", exchanged)
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
    plain = sessions.commit(session, now=NOW)
    assert fault(plain) is None
    for message, expected in (("x" * 9000, "cookie_too_large"), (2**53, "payload_unserializable")):
        session.flash("m", message)
        commit = sessions.commit(session, now=NOW)
        assert (commit.wrote, commit.headers) == ("expire", plain.headers)
        assert (commit.ended, fault(commit)) == (plain.ended, expected)
        session.take_flash("m")
    written = [value.split("; Max")[0] for _, value in commit.headers if "; Max" in value]
    assert [text.split("=")[0] for text in written] == [
        NAME,
        NAME + ".1",
        NAME + ".end",
        NAME,
        NAME + ".1",
    ]
    session.sign_on("ada", 7)
    session.flash("m", "x" * 9000)
    assert code(sessions.commit, session, now=NOW) == "cookie_too_large"


def test_nothing_is_shown() -> None:
    session = new()
    session.data["a"] = SECRET
    commit = SESSIONS.commit(session, now=NOW)
    token = commit.headers[0][1].split("=")[1].split(";")[0]
    assert json.loads(commit.payload or "")["data"] == {"a": SECRET}
    two = new(LARGE)
    two.data["a"] = SECRET * 300
    parts = LARGE.commit(two, now=NOW)
    again = SESSIONS.open([jar([commit.headers[0][1]])], now=NOW).unchecked()
    again.sign_off()
    again.data["b"] = [SECRET, 2**53]
    off = SESSIONS.commit(again, now=NOW)
    assert off.ended is not None
    shown = repr([commit, parts, off, SESSIONS, session]) + f"{commit} {parts} {off}"
    assert "payload_unserializable" in shown
    hidden = [SECRET, token, off.ended.sid, "CrE1"]
    hidden += [line.split("=")[1].split(";")[0] for _, line in parts.headers[:2]]
    assert not any(text in shown for text in hidden)


# Tokens that are no session


def test_token_cookie() -> None:
    context = Context("shop.example", "return-url")
    settings = Cookie(name="__Host-return")
    both = TokenCookie(ring(1), context, settings, max_age=60)
    (name, line), caching = both.write(b"/basket", ttl=300, now=NOW)
    assert (name, caching) == ("Set-Cookie", ("Cache-Control", "no-store"))
    assert line.endswith("; Path=/; Max-Age=300; Secure; HttpOnly; SameSite=Lax")
    assert both.expire() == [("Set-Cookie", settings.expire()), ("Cache-Control", "no-store")]
    field = jar([line])
    assert both.read([b"a=b", field], now=NOW).payload == b"/basket"
    token = field.split(b"=")[1]
    assert Unsealer(ring(1), context).unseal(token, now=NOW).ttl == 300
    assert code(both.read, [], now=NOW) == "absent"
    assert code(both.read, [field], now=NOW + 60) == "expired"
    assert code(both.read, [field[:-1]], now=NOW) in ("encoding", "auth_failed")
    assert code(both.read, [field, jar([both.write(b"", ttl=9, now=NOW)[0][1]])], now=NOW) == (
        "ambiguous"
    )
    too_large = refused(lambda: both.write(b"x" * 4000, ttl=1, now=NOW))
    assert isinstance(too_large, CookieTooLarge)
    assert (too_large.over, too_large.largest) == (13 + 5447 - 4096, None)
    # clock_range, then ttl_range, then cookie_too_large, then the rest of §9.
    assert code(both.write, b"x" * 4000, ttl=0, now=-1) == "clock_range"
    assert code(both.write, b"x" * 4000, ttl=0, now=NOW) == "ttl_range"
    assert code(both.write, b"x" * 4000, ttl=1, now=NOW) == "cookie_too_large"
    assert code(both.write, b"", ttl=1, now=-1) == "clock_range"
    none = Keyring([Entry(key(1), seal_from=NOW + 1)])
    keyless = TokenCookie(none, context, settings)
    assert code(keyless.write, b"x" * 4000, ttl=1, now=NOW) == "cookie_too_large"
    assert code(keyless.write, b"", ttl=1, now=NOW) == "no_sealing_key"
    both.replace_keyring(ring(2))
    assert code(both.read, [field], now=NOW) == "unknown_key"
    with pytest.raises(TypeError):
        TokenCookie(ring(1), context, "a")  # type: ignore[arg-type]


def test_token_cookie_is_one_cookie() -> None:
    for settings in (Cookie(large=True), Cookie(previous=[Previous(partitioned=True)])):
        assert code(TokenCookie, ring(1), CONTEXT, settings) == "cookie_attributes"
        # The cookie's fault first.
        assert code(TokenCookie, ring(1), CONTEXT, settings, leeway=-1) == "cookie_attributes"


def test_payload_of_a_dead_token_cookie() -> None:
    both = TokenCookie(ring(1), CONTEXT, Cookie())
    field = jar([both.write(SECRET.encode(), ttl=9, now=NOW)[0][1]])
    error = refused(lambda: both.read([field], now=NOW + 9))
    assert error.code == "expired"
    assert not any(SECRET in text for text in everything(error))
