"""What vectors do not show of the commit (spec §19.4)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from cretula import (
    Commit,
    Context,
    CookieTooLarge,
    Ended,
    Entry,
    InvalidToken,
    Keyring,
    Policy,
    Session,
    SessionProfile,
    base64url,
    hazmat,
)
from cretula.profile import _Random
from session_support import (
    GUEST,
    LONE,
    LOOP,
    PROFILE,
    SID,
    USER,
    nested,
    new,
    opened,
    opening_of,
    payload,
    token_of,
    tried,
)
from support import CONTEXT, NOW, code, key, ring
from test_secrecy import SECRET, everything, refused


def test_two_seals_differ() -> None:
    session = new()
    session.send()
    commits = [tried(session) for _ in range(200)]
    assert len({commit.token for commit in commits}) == 200
    sids = {payload(commit)["sid"] for commit in commits}
    assert len(sids) == 200
    assert all(len(base64url.decode(sid.encode()) or b"") == 16 for sid in sids)


@pytest.mark.parametrize("sid_of", [new, lambda: opened(GUEST)])
def test_no_randomness(monkeypatch: pytest.MonkeyPatch, sid_of: Any) -> None:
    """[SESS-04], and the order: what §9 refuses is told before a draw fails."""

    def fails(_: int) -> bytes:
        raise OSError

    session = sid_of()
    session.data["a"] = 1
    monkeypatch.setattr(os, "urandom", fails)
    assert code(PROFILE.commit, session, now=NOW) == "no_randomness"
    none = SessionProfile(Keyring([Entry(key(1), seal_from=NOW + 1)]), CONTEXT)
    assert code(none.commit, session, now=NOW) == "no_sealing_key"
    short = SessionProfile(ring(1), CONTEXT, limit=114)
    assert code(short.commit, session, now=NOW) == "result_too_long"


def test_undone_changes_and_order_of_reading() -> None:
    """[SESS-11], [SESS-19]"""
    session = opened({**GUEST, "data": {"a": {"b": [1]}}, "flash": {"m": [1], "n": []}})
    assert tried(session).wrote == "nothing"
    session.data["a"]["b"].append(2)
    assert tried(session).wrote == "seal"
    session.data["a"]["b"].pop()
    assert tried(session).wrote == "nothing"
    assert session.take_flash("n") == []
    assert session.take_flash("none") == []
    assert tried(session).wrote == "nothing"
    assert session.take_flash("m") == [1]
    assert session.take_flash("m") == []
    assert "flash" not in payload(tried(session))


def test_refresh_near_the_end() -> None:
    """[SESS-12]: at half of the window, never past the absolute end, and there not at all."""
    value = {**GUEST, "end": NOW + 2000}
    assert PROFILE.commit(opened(value), now=NOW + 899).wrote == "nothing"
    assert PROFILE.commit(opened(value), now=NOW + 900).wrote == "nothing"  # 200 s are left
    late = SessionProfile(ring(1), CONTEXT, policy=Policy(idle=400, absolute=86_400))
    session = late.open(token_of(value, ttl=400), now=NOW).unchecked()
    assert tried(session, NOW + 199, late).wrote == "nothing"
    commit = late.commit(session, now=NOW + 200)
    assert (commit.wrote, commit.ttl) == ("seal", 400)
    written = payload(commit)
    assert (written["start"], written["end"], written["rev"]) == (NOW, NOW + 2000, 2)


def test_refresh_loses_nothing() -> None:
    """[SESS-12]"""
    data = {"b": [1.5, None, True, {"ü": ""}], "a": {}, "n": 2**53 - 1, "0": [[], {}]}
    session = opened({**USER, "data": data, "flash": {"m": [1, {"a": None}]}})
    assert session.data == data
    commit = tried(session, NOW + 900)
    assert commit.fault is None
    text = (commit.payload or "").replace('"rev":2', '"rev":1')
    written = {**USER, "data": data, "flash": {"m": [1, {"a": None}]}}
    assert text == json.dumps(written, ensure_ascii=False, separators=(",", ":"))


LATE = NOW + 1000  # a refresh is due


def keyless(value: object, now: int = NOW) -> tuple[SessionProfile, Session]:
    """A session that opens where nothing can be sealed."""
    entries = [Entry(key(1)), Entry(key(2), seal_from=1, accept_until=2)]
    profile = SessionProfile(Keyring(entries), CONTEXT)
    return profile, profile.open(token_of(value), now=now).unchecked()


def test_refresh_that_fails_is_nothing() -> None:
    """[SESS-11]: a page that only reads is not lost, and the reason is there for the log."""
    profile, session = keyless(USER)
    commit = tried(session, LATE, profile)
    assert (commit.wrote, commit.token, commit.ttl, commit.payload) == ("nothing", None, None, None)
    assert commit.ended == ()
    assert commit.fault is not None
    assert commit.fault.code == "no_sealing_key"
    assert tried(session, NOW, profile) == Commit("nothing")
    session.data["a"] = 1
    assert code(profile.commit, session, now=LATE) == "no_sealing_key"
    del session.data["a"]
    assert tried(session, LATE, profile).wrote == "nothing"
    session.send()
    assert code(profile.commit, session, now=LATE) == "no_sealing_key"


def test_refresh_without_randomness(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> bytes:
        raise OSError

    session = opened(USER)
    monkeypatch.setattr(os, "urandom", fails)
    commit = tried(session, LATE)
    assert (commit.wrote, commit.fault and commit.fault.code) == ("nothing", "no_randomness")
    session.sign_off()
    assert tried(session, LATE).fault is None
    session.flash("m", 1)
    commit = tried(session, LATE)
    assert (commit.wrote, commit.fault and commit.fault.code) == ("expire", "no_randomness")


ASKS: dict[str, Callable[[Session], object]] = {
    "data": lambda session: session.data.update(a=1),
    "flash": lambda session: session.flash("n", 1),
    "take_flash": lambda session: session.take_flash("m"),
    "send": Session.send,
    "sign_on": lambda session: session.sign_on("eve", 1),
    "reauthenticate": lambda session: session.reauthenticate(7),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_other_seals_that_fail_raise(ask: Callable[[Session], object]) -> None:
    profile, session = keyless({**USER, "flash": {"m": [1]}})
    ask(session)
    assert code(profile.commit, session, now=LATE) == "no_sealing_key"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "no_sealing_key"),
        (2**53, "payload_unserializable"),
        ({"__proto__": 1}, "payload_unserializable"),
        (nested(15), "payload_unserializable"),
        (LONE, "payload_unserializable"),
        (LOOP, "payload_unserializable"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_sign_off_that_cannot_be_sealed_expires(value: Any, expected: str) -> None:
    """[SESS-11]: a sign-off is not lost to what cannot be written."""
    profile, session = keyless(USER)
    session.sign_off()
    assert tried(session, NOW, profile).fault is None
    session.data["a"] = value
    commit = profile.commit(session, now=NOW)
    assert (commit.wrote, commit.token, commit.payload) == ("expire", None, None)
    assert commit.ended == (Ended(SID, NOW + 86_400),)
    assert commit.fault is not None
    assert commit.fault.code == expected


def test_sign_on_after_sign_off_raises() -> None:
    """Only what ends with the sign-off may be taken for one."""
    profile, session = keyless(USER)
    session.sign_off()
    session.sign_on("eve", 1)
    assert code(profile.commit, session, now=NOW) == "no_sealing_key"
    session.sign_off()
    session.send()
    assert profile.commit(session, now=NOW).wrote == "expire"


def test_faults_hold_no_payload() -> None:
    profile, session = keyless({**USER, "data": {"a": SECRET}})
    fault = profile.commit(session, now=LATE).fault
    assert fault is not None
    assert (fault.__traceback__, fault.__context__, fault.__cause__) == (None, None, None)
    assert not any(SECRET in text for text in everything(fault))


def test_clock_and_wrong_calls_are_no_faults() -> None:
    session = opened(USER)
    session.sign_off()
    session.send()
    assert code(PROFILE.commit, session, now=2**48) == "clock_range"
    with pytest.raises(ValueError, match="draws"):
        hazmat.commit_with_fixed_random(PROFILE, session, now=NOW)


def test_other_context() -> None:
    """A session is committed where it was opened (§19.4)."""
    for context in (
        Context("shop.example", "remember"),
        Context("Shop.example", "session"),
        Context("other.example", "session"),
    ):
        other = SessionProfile(ring(1), context)
        for session in (new(), opened(USER), opening_of(USER).checked(8)):
            assert code(other.commit, session, now=NOW) == "context_invalid"
            session.sign_off()
            session.send()
            assert code(other.commit, session, now=NOW) == "context_invalid"
            assert tried(session).wrote == "seal"
    same = SessionProfile(ring(2), Context("shop.example", "session"), policy=Policy())
    session = opened(USER)
    session.send()
    assert same.commit(session, now=NOW).wrote == "seal"


def test_one_ring_in_a_commit() -> None:
    """[RING-17]: a ring exchanged between the checks and the sealing is the next call's."""
    profile = SessionProfile(ring(1), CONTEXT)
    session = profile.open(None, now=NOW).unchecked()
    session.send()

    def draw() -> str:
        profile.replace_keyring(ring(2))
        return SID

    commit = profile._commit(session, NOW, _Random(sid=draw))
    assert payload(commit)["sid"] == SID
    assert len(profile.keyring) == 1
    assert profile.open(commit.token, now=NOW).reason == "unknown_key"


def test_commit_changes_nothing_in_the_session() -> None:
    session = opened(USER)
    session.reauthenticate(8)
    first, second = (payload(tried(session, NOW + 3)) for _ in range(2))
    assert first.pop("sid") != second.pop("sid")
    assert first == second
    assert (first["rev"], first["gen"], first["auth_time"]) == (2, 8, NOW + 3)


def test_rev_stops_at_its_end() -> None:
    session = opened({**GUEST, "rev": 2**53 - 1})
    session.send()
    assert payload(tried(session))["rev"] == 2**53 - 1


def test_end_of_time() -> None:
    session = new()
    session.send()
    assert tried(session, 2**48 - 86_401).wrote == "seal"
    late = tried(session, 2**48 - 86_400)
    assert json.loads(late.payload or "")["end"] == 2**48 - 1


def test_seal_that_fails_is_no_token_error() -> None:
    session = new()
    session.data["a"] = "x" * 20_000
    error = refused(lambda: tried(session))
    assert error.code == "result_too_long"
    assert not isinstance(error, (InvalidToken, CookieTooLarge))
