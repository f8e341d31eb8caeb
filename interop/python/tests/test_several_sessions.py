"""A request with several authentic sessions ([SESS-17], [COOK-07], [COOK-09])."""

from __future__ import annotations

import hashlib
import json

import pytest

from cookie_support import LARGE, NAME, RANDOM, SESSIONS, jar, lines, new, reason, stored, tried
from cretula import Cookie, Ended, Session, base64url
from cretula.reading import Fields
from support import NOW, SEALER

SIDS = [character * 22 for character in "ABCDEF"]


def mark(sid: str) -> str:
    return base64url.encode(hashlib.sha256(sid.encode()).digest())[:22]


def token(sid: str, end: int = NOW + 86_400, rev: int = 1) -> bytes:
    members = {"sid": sid, "start": NOW, "end": end, "rev": rev}
    text = SEALER.seal(json.dumps(members).encode(), ttl=1800, now=NOW)
    return NAME.encode() + b"=" + text.encode()


def session_of(*fields: bytes) -> Session:
    return SESSIONS.open([b"; ".join(fields)], now=NOW).unchecked()


def ended(*sids: str) -> tuple[Ended, ...]:
    return tuple(Ended(sid, NOW + 86_400) for sid in sids)


def marks(session: Session, now: int = NOW) -> list[str]:
    headers = tried(session, now=now).headers
    return [value for _, value in headers if value.startswith(NAME + ".end=")]


def test_sign_off_ends_all() -> None:
    session = session_of(token(SIDS[1]), token(SIDS[0]), token(SIDS[1], rev=2))
    assert (session.reason, session.is_new) == ("ambiguous", True)
    assert tried(session).headers == [("Vary", "Cookie"), ("Cache-Control", "private")]
    session.sign_off()
    assert tried(session).ended == ended(SIDS[1], SIDS[0])
    joined = f"{mark(SIDS[1])}.{mark(SIDS[0])}"
    attributes = "Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Lax"
    assert lines(SESSIONS, session) == [
        f"{NAME}.end={joined}; {attributes}",
        f"{NAME}=; {attributes.replace('86400', '0')}",
    ]
    # Each of them is closed by it, in any order of the marks.
    for sid in SIDS[:2]:
        for value in (joined, f"x.{joined}.", joined + ".", "." + joined):
            assert reason([token(sid), f"{NAME}.end={value}".encode()]) == "signed_off"
    assert reason([token(SIDS[2]), f"{NAME}.end={joined}".encode()]) is None


def test_sign_on_ends_all_and_leaves_no_mark() -> None:
    session = session_of(token(SIDS[0]), token(SIDS[1]))
    session.sign_on("ada", 7)
    commit = tried(session)
    assert commit.ended == ended(SIDS[0], SIDS[1])
    assert [name for name, _ in commit.headers] == ["Set-Cookie", "Vary", "Cache-Control"]


def test_one_that_was_chosen_is_that_one_alone() -> None:
    session = session_of(token(SIDS[0]), token(SIDS[1])[:-1], token(SIDS[0], rev=2))
    assert session.reason is None
    session.sign_off()
    assert tried(session).ended == ended(SIDS[0])
    # One that a mark closed is not authentic.
    held = [token(SIDS[0]), token(SIDS[1]), token(SIDS[2])]
    closed = session_of(*held, f"{NAME}.end={mark(SIDS[1])}".encode())
    closed.sign_off()
    assert tried(closed).ended == ended(SIDS[0], SIDS[2])


def test_more_than_four() -> None:
    """The first four are opened for the sign-off alone; the reason stays ambiguous."""
    held = [token(sid) for sid in SIDS]
    session = session_of(held[5], held[0][:-1], *held[:5])
    session.sign_off()
    assert session.reason == "ambiguous"
    assert tried(session).ended == ended(SIDS[5], SIDS[0], SIDS[1])
    # Five of one session are ambiguous too.
    same = session_of(*(token(SIDS[0], rev=rev) for rev in range(1, 6)))
    assert same.reason == "ambiguous"
    same.sign_on("ada", 7)
    assert tried(same).ended == ended(SIDS[0])


def test_life_of_a_joined_mark() -> None:
    """The longest of them, 400 days at most; a session that is over by now has none."""
    session = session_of(token(SIDS[0], end=NOW + 5), token(SIDS[1], end=NOW + 9))
    session.sign_off()
    for now, sids, life in ((NOW + 4, SIDS[:2], 5), (NOW + 5, SIDS[1:2], 4), (NOW + 9, [], 0)):
        expected = f"{NAME}.end={'.'.join(map(mark, sids))}; Path=/; Max-Age={life}; "
        assert [line[: len(expected)] for line in marks(session, now)] == [expected] * bool(sids)
        assert tried(session, now=now).ended == (
            Ended(SIDS[0], NOW + 5),
            Ended(SIDS[1], NOW + 9),
        )
    far = session_of(token(SIDS[0], end=NOW + 10**9), token(SIDS[1]))
    far.sign_off()
    assert "; Max-Age=34560000; " in marks(far)[0]


def test_denied_or_revoked_is_the_one_that_was_chosen() -> None:
    session = SESSIONS.open([token(SIDS[0])], now=NOW).deny().unchecked()
    session.sign_off()
    assert (session.reason, tried(session).ended) == ("signed_off", ended(SIDS[0]))


def test_items_against_a_naive_form() -> None:
    pieces = [b"a=", b"a.end=", b"AB", b"A", b"B", b".", b".", b";", b" ", b"\t", b"=", b"AB.AB"]
    for _ in range(20_000):
        field = b"".join(RANDOM.choices(pieces, k=RANDOM.randrange(12)))
        fields = Fields([field, b"a.end=x"])
        naive = any(b"AB" in value.split(b".") for value in fields.values("a.end", 99))
        assert fields.has_item("a.end", b"AB") == naive


@pytest.mark.parametrize("value", [b"A" * 22, b".", b"A.", b"A" * 21 + b"."])
def test_long_values_of_marks(value: bytes) -> None:
    """Any number of marks is compared, in one value or in many."""
    sign = mark(SIDS[0]).encode()
    field = NAME.encode() + b".end=" + value * 100_000
    assert reason([token(SIDS[0]), field + b"." + sign]) == "signed_off"
    assert reason([token(SIDS[0]), field + sign[:-1]]) is None


def test_order_of_lines() -> None:
    """[COOK-09]: the line of the cookie's own name is the last of ours."""
    first, second = stored(4000, LARGE).split(b"; ")[::-1]
    session = LARGE.open([first, second], now=NOW).unchecked()
    session.sign_off()
    assert [line.split("=")[0] for line in lines(LARGE, session)] == [
        NAME + ".1",
        NAME + ".end",
        NAME,
    ]
    session.data["a"] = "x" * 4000
    written = lines(LARGE, session)
    assert [line.split("=")[0] for line in written] == [NAME + ".1", NAME + ".end", NAME]
    assert "; Max-Age=1800; " in written[0]
    assert reason([jar(written)]) is None
    assert new(LARGE).reason == "absent"
    assert Cookie().name == NAME
