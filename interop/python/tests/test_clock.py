"""No clock ([TIME-02], [SESS-27]), and what may be valid in a moment ([SESS-18])."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cookie_support import SESSIONS, made, stored
from cretula import Context, Cookie, Opening, Session, Sessions, TokenCookie
from middleware_support import SESSIONS as SERVED
from session_support import GUEST, PROFILE, USER, new, opened, opening_of, token_of
from support import CONTEXT, NOW, SEALER, UNSEALER, code, ring


def fails() -> int:
    raise OSError


@pytest.fixture(params=[fails, lambda: -1, lambda: 2**48 * 10**9])
def no_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("time.time_ns", request.param)
    yield
    monkeypatch.undo()


OPENINGS: list[Callable[[], Opening]] = [
    lambda: PROFILE.open(None),
    lambda: PROFILE.open(token_of(USER)),
    lambda: PROFILE.open("x", ended=True),
    lambda: SESSIONS.open([]),
    lambda: SESSIONS.open([stored()]),
]


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("open_", OPENINGS)
def test_open_without_a_clock(open_: Callable[[], Opening]) -> None:
    """A new guest session, whatever the request held; and no exception."""
    opening = open_()
    assert (opening.reason, opening.not_now, opening.sub, opening.sid) == (
        "no_clock",
        True,
        None,
        None,
    )
    session = opening.checked(7)
    assert (session.reason, session.not_now, session.is_new) == ("no_clock", True, True)
    assert not session.reauth_within(9)
    assert code(session.sign_on, "ada", 7, auth_time=0) == "user_invalid"
    session.sign_on("ada", 7)
    assert session.reauth_within(1)


@pytest.mark.usefixtures("no_clock")
def test_commit_without_a_clock() -> None:
    """Always no_clock, also where nothing would be written; it may be tried again."""
    for session in (new(), opened(USER)):
        assert code(PROFILE.commit, session) == "no_clock"
        session.sign_off()
        assert code(PROFILE.commit, session) == "no_clock"
        session.data["a"] = 2**53
        assert code(PROFILE.commit, session) == "no_clock"
        assert PROFILE.commit(session, now=NOW).wrote == "expire"
    session = SESSIONS.open([], now=NOW).unchecked()
    assert code(SESSIONS.commit, session) == "no_clock"
    assert code(SESSIONS.excess, session) == "no_clock"
    other = Sessions(ring(1), Context("a", "session"))
    assert code(other.commit, session) == "context_invalid"


@pytest.mark.usefixtures("no_clock")
def test_a_clock_that_comes_back() -> None:
    """What was opened without one is offered to no deny-list: nothing of it is authentic."""
    session = SESSIONS.open([stored()]).unchecked()
    session.sign_off()
    commit = SESSIONS.commit(session, now=NOW)
    assert (commit.wrote, commit.ended) == ("expire", ())
    assert not any(".end=" in value for _, value in commit.headers)


@pytest.mark.usefixtures("no_clock")
def test_tokens_without_a_clock() -> None:
    cookie = TokenCookie(ring(1), CONTEXT, Cookie(), ttl=60)
    assert code(cookie.read, []) == code(cookie.write, b"") == "no_clock"
    assert code(SEALER.seal, b"", ttl=0) == code(UNSEALER.unseal, "") == "no_clock"
    assert code(ring(1).accepted) == "no_clock"
    assert code(ring(1).warnings, longest_ttl=0, reload_grace=0) == "no_clock"
    assert code(ring(1).warnings, longest_ttl=0, reload_grace=0, leeway=-1) == "leeway_range"


@pytest.mark.parametrize("now", [-1, 2**48])
def test_time_out_of_range(now: int) -> None:
    """A time that the program gives is its own fault; no session comes of it."""
    assert code(PROFILE.open, None, now=now) == "clock_range"
    assert code(SESSIONS.open, [stored()], now=now) == "clock_range"


@pytest.mark.parametrize(
    ("session", "reason", "not_now"),
    [
        (lambda: PROFILE.open(None, now=NOW).checked(None), "absent", False),
        (lambda: PROFILE.open("x", now=NOW).checked(None), "not_a_token", False),
        (lambda: opened(USER), None, False),
        (lambda: opening_of(USER).checked(None), "unchecked", True),
        (lambda: opening_of(USER).checked(8), "revoked", False),
        (lambda: opening_of(USER).deny().checked(7), "signed_off", False),
        (lambda: opening_of(USER, NOW - 61).checked(7), "issued_in_future", True),
        (lambda: opening_of({**USER, "start": NOW + 61}).checked(7), "issued_in_future", True),
        (lambda: opening_of(GUEST, NOW + 1800).checked(7), "expired", False),
        (lambda: cookies(2), "unknown_key", True),
        (lambda: cookies(1), None, False),
    ],
)
def test_not_now(session: Callable[[], Session], reason: str | None, not_now: bool) -> None:
    made = session()
    assert (made.reason, made.not_now) == (reason, not_now)
    made.sign_on("ada", 7)
    assert made.not_now == not_now  # of what the request held


def cookies(number: int) -> Session:
    field = Cookie().name.encode() + b"=" + made()
    opening = Sessions(ring(number), CONTEXT).open([field], now=NOW)
    assert opening.not_now == (number == 2)
    return opening.unchecked()


@pytest.mark.usefixtures("no_clock")
def test_middleware_sees_the_reason() -> None:
    assert SERVED.open([]).checked(7).not_now
