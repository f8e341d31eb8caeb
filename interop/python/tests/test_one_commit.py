"""A session is committed once, where and as it was opened ([SESS-26], [SESS-28])."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from cookie_support import SESSIONS, stored
from cookie_support import new as cookie_session
from cretula import Context, Entry, Keyring, Policy, Session, SessionProfile, Sessions
from session_support import GUEST, PROFILE, USER, new, opened, tried
from support import CONTEXT, NOW, code, key, ring

LATE = NOW + 1000  # a refresh is due


def assign(session: Session) -> None:
    session.data = {}


CHANGES: dict[str, Callable[[Session], object]] = {
    "data": assign,
    "flash": lambda session: session.flash("a", 1),
    "take_flash": lambda session: session.take_flash("a"),
    "sign_on": lambda session: session.sign_on("ada", 7),
    "sign_on refused": lambda session: session.sign_on("", -1),
    "reauthenticate": lambda session: session.reauthenticate(7),
    "sign_off": Session.sign_off,
    "send": Session.send,
    "commit": lambda session: PROFILE.commit(session, now=NOW),
    "commit later": lambda session: PROFILE.commit(session, now=-1),
}


@pytest.mark.parametrize("begun", [new, lambda: opened(USER)], ids=["new", "opened"])
@pytest.mark.parametrize("wrote", ["nothing", "seal", "expire"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_after_a_commit(
    begun: Callable[[], Session], wrote: str, change: Callable[[Session], object]
) -> None:
    session = begun()
    if wrote == "seal":
        session.send()
    elif wrote == "expire":
        session.sign_off()
    assert PROFILE.commit(session, now=NOW).wrote == wrote
    assert code(change, session) == "committed"


IN_PLACE: dict[str, Callable[[dict[str, Any]], object]] = {
    "set": lambda data: data.__setitem__("b", 1),
    "delete": lambda data: data.__delitem__("a"),
    "update": lambda data: data.update(b=1),
    "or": lambda data: data.__ior__({"b": 1}),
    "setdefault": lambda data: data.setdefault("b", 1),
    "pop": lambda data: data.pop("a"),
    "popitem": lambda data: data.popitem(),
    "clear": lambda data: data.clear(),
    "append": lambda data: data["a"].append(2),
    "extend": lambda data: data["a"].extend([2]),
    "insert": lambda data: data["a"].insert(0, 2),
    "item": lambda data: data["a"].__setitem__(0, 2),
    "remove": lambda data: data["a"].remove(1),
    "pop an item": lambda data: data["a"].pop(),
    "delete an item": lambda data: data["a"].__delitem__(0),
    "add": lambda data: data["a"].__iadd__([2]),
    "multiply": lambda data: data["a"].__imul__(2),
    "sort": lambda data: data["a"].sort(),
    "reverse": lambda data: data["a"].reverse(),
    "clear a list": lambda data: data["a"].clear(),
    "deeper": lambda data: data["c"][0].update(d=2),
}


# covers: [SESS-26]
@pytest.mark.parametrize("change", IN_PLACE.values(), ids=IN_PLACE)
def test_changes_in_place(change: Callable[[dict[str, Any]], object]) -> None:
    data = {"a": [1], "c": [{"d": 1}]}
    session = opened({**USER, "data": data})
    change(session.data)  # in time
    session = opened({**USER, "data": data})
    session.send()
    commit = PROFILE.commit(session, now=NOW)
    assert session.data == data
    assert code(change, session.data) == "committed"
    assert session.data == data
    assert not session._is_changed_late()
    assert session.reauth_within(9)
    assert PROFILE.open(commit.token, now=NOW).checked(7).data == data


def test_change_of_what_was_held_from_before() -> None:
    """It cannot be stopped; the middleware tells of it."""
    for change in (IN_PLACE["update"], IN_PLACE["append"]):
        session = opened({**USER, "data": {"a": [1]}})
        held = session.data
        session.send()
        PROFILE.commit(session, now=NOW)
        assert not session._is_changed_late()
        change(held)
        assert session._is_changed_late()


def test_what_holds_itself_twice() -> None:
    """Whoever goes on after what is too deep never comes to an end."""
    held: list[Any] = []
    held += [held, held]
    session = opened(USER)
    session.data["a"] = held
    assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"
    session._close()
    assert not session._is_changed_late()


def test_seals_that_fail_in_silence_are_commits() -> None:
    """`nothing` and `expire` in the place of a seal are results ([SESS-11])."""
    entries = [Entry(key(1)), Entry(key(2), seal_from=1, accept_until=2)]
    profile = SessionProfile(Keyring(entries), CONTEXT)
    for off in (False, True):
        session = opened(USER)
        if off:
            session.sign_off()
            session.send()
        commit = profile.commit(session, now=LATE)
        assert commit.fault is not None
        assert code(profile.commit, session, now=LATE) == "committed"


def test_failed_commits_may_be_tried_again() -> None:
    session = opened(USER)
    session.data["a"] = 2**53
    for now, expected in ((NOW, "payload_unserializable"), (-1, "clock_range")):
        assert code(PROFILE.commit, session, now=now) == expected
        session.flash("m", 1)
    session.data["a"] = 1
    assert PROFILE.commit(session, now=NOW).wrote == "seal"


def test_cookies() -> None:
    session = SESSIONS.open([stored()], now=NOW).unchecked()
    session.data["a"] = "x" * 9000
    assert code(SESSIONS.commit, session, now=NOW) == "cookie_too_large"
    session.data["a"] = "y"
    assert SESSIONS.commit(session, now=NOW).wrote == "seal"
    assert code(SESSIONS.commit, session, now=NOW) == "committed"
    assert code(SESSIONS.excess, session, now=NOW) == "committed"
    assert code(session.sign_off) == "committed"


@pytest.mark.parametrize(
    "changed",
    [{"idle": 1799}, {"absolute": 86_399}, {"leeway": 0}, {"leeway": 61}],
    ids=str,
)
def test_other_policy(changed: dict[str, int]) -> None:
    policy = Policy(**changed)
    other = SessionProfile(ring(1), CONTEXT, policy=policy)
    for session in (new(), opened(GUEST)):
        assert code(other.commit, session, now=-1) == "context_invalid"
        session.send()
        assert code(other.commit, session, now=NOW) == "context_invalid"
        assert PROFILE.commit(session, now=NOW).wrote == "seal"
        assert code(other.commit, session, now=NOW) == "context_invalid"
    cookies = Sessions(ring(1), CONTEXT, policy=policy)
    assert code(cookies.commit, cookie_session(), now=NOW) == "context_invalid"
    assert code(cookies.excess, cookie_session(), now=NOW) == "context_invalid"


def test_order_of_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fault is mended in turn; the generator comes last, though a sid is drawn before."""

    def fails(_: int) -> bytes:
        raise OSError

    monkeypatch.setattr(os, "urandom", fails)
    none = Keyring([Entry(key(1), seal_from=NOW + 1, accept_until=2**48 - 1)])
    sessions: Any = Sessions(none, Context("other.example", "session"))
    session = SESSIONS.open([], now=NOW).unchecked()
    session.data["a"] = "x" * 9000 + "\ud800"
    assert code(sessions.commit, session, now=-1) == "context_invalid"
    sessions = Sessions(none, CONTEXT)
    assert code(sessions.commit, session, now=-1) == "clock_range"
    assert code(sessions.commit, session, now=2**48 - 1) == "payload_unserializable"
    session.data["a"] = "x" * 9000
    assert code(sessions.commit, session, now=2**48 - 1) == "cookie_too_large"
    session.data["a"] = "x"
    assert code(sessions.commit, session, now=2**48 - 1) == "ttl_range"
    assert code(sessions.commit, session, now=NOW) == "no_sealing_key"
    assert code(SESSIONS.commit, session, now=NOW) == "no_randomness"
    monkeypatch.undo()
    assert SESSIONS.commit(session, now=NOW).wrote == "seal"


def test_a_copy_is_another_session() -> None:
    """What the tests rely on: tried() leaves the session as it was."""
    session = new()
    session.data["a"] = [1]
    assert tried(session).wrote == tried(session).wrote == "seal"
    assert PROFILE.commit(session, now=NOW).wrote == "seal"
