"""What vectors do not show of sessions: policy, opening, the check, the user (spec §19)."""

from __future__ import annotations

from typing import Any

import pytest

from cretula import (
    Commit,
    Ended,
    Entry,
    Key,
    Keyring,
    Opening,
    Policy,
    Sealer,
    Session,
    SessionProfile,
    Sessions,
    hazmat,
    session_json,
)
from session_support import (
    GUEST,
    LONE,
    PROFILE,
    SID,
    USER,
    new,
    opened,
    opening_of,
    payload,
    text_of,
    token_of,
    tried,
)
from support import CONTEXT, NOW, code, ring
from test_secrecy import SECRET, refused


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 0, -1), "idle_range"),
        ((34_560_001, 34_560_001, 0), "idle_range"),
        ((10, 9, 999), "absolute_range"),
        ((1, 34_560_001, 0), "absolute_range"),
        ((1, 1, 301), "leeway_range"),
        ((1, 1, -1), "leeway_range"),
    ],
)
def test_policy_refused(values: tuple[int, int, int], expected: str) -> None:
    assert code(Policy, *values) == expected


def test_policy() -> None:
    assert vars(Policy()) == {"idle": 1800, "absolute": 86_400, "leeway": 60, "recheck": 0}
    assert Policy(34_560_000, 34_560_000, 300)
    for values in ((1.0, 2, 3), (True, 2, 3), (1, "2", 3), (1, 2, None)):
        with pytest.raises(TypeError):
            Policy(*values)


# Opening and the check


def test_nobody_reaches_a_session_but_through_the_check() -> None:
    """The check cannot be forgotten: an Opening has nothing else, and gives one Session."""
    opening = opening_of(USER)
    public = {name for name in dir(opening) if not name.startswith("_")}
    tells = {"gen", "is_due", "not_now", "reason", "sid", "sub"}
    assert public == tells | {"checked", "deny", "unchecked"}
    assert (opening.sub, opening.sid, opening.reason) == ("ada", SID, None)
    assert opening.checked(7).sub == "ada"
    for again in (opening.unchecked, lambda: opening.checked(7)):
        with pytest.raises(RuntimeError):
            again()
    for made in (Opening, Session):
        with pytest.raises(TypeError):
            made()


@pytest.mark.parametrize(
    ("value", "answer", "denied", "reason"),
    [
        (USER, 7, False, None),
        (USER, 8, False, "revoked"),
        (USER, 6, True, "signed_off"),
        (USER, None, True, "signed_off"),
        (USER, 7, True, "signed_off"),
        (GUEST, None, False, None),
        (GUEST, 5, False, None),
        (GUEST, None, True, "signed_off"),
    ],
)
def test_check(value: Any, answer: int | None, denied: bool, reason: str | None) -> None:
    opening = opening_of(value)
    session = (opening.deny() if denied else opening).checked(answer)
    assert session.reason == reason
    assert session.is_new == (reason is not None)
    if reason is not None:
        assert (session.sub, session.sid, session.data) == (None, None, {})
        assert tried(session).wrote == "nothing"
        session.sign_off()
        # [SESS-17]: a session that the check closed is offered too.
        assert tried(session).ended == (Ended(SID, NOW + 86_400),)


def test_unchecked_still_denies() -> None:
    assert opening_of(USER).unchecked().sub == "ada"
    assert opening_of(USER).deny().unchecked().reason == "signed_off"
    with pytest.raises(TypeError):
        opening_of(USER).checked(True)
    with pytest.raises(TypeError):
        opening_of(USER).checked("7")  # type: ignore[arg-type]


def test_refused_tokens() -> None:
    refusals: list[tuple[str | bytes | None, int, str]] = [
        (None, NOW, "absent"),
        ("", NOW, "not_a_token"),
        (b"\xff" * 99_999, NOW, "too_long"),
        (token_of(USER), NOW + 1800, "expired"),
        (token_of({**USER, "start": NOW + 61}), NOW, "issued_in_future"),
        (token_of({**USER, "auth_time": NOW + 61}), NOW, "issued_in_future"),
        (token_of({**USER, "end": NOW + 5}), NOW + 5, "expired"),
        (token_of({**USER, "start": NOW - 86_400, "end": NOW + 9}), NOW, "expired"),
    ]
    for token, now, reason in refusals:
        session = PROFILE.open(token, now=now).checked(7)
        assert (session.reason, session.is_new) == (reason, True)
        session.sign_off()
        assert tried(session, now) == Commit("expire")
    assert opening_of(USER, ended=True).checked(None).reason == "signed_off"
    assert code(PROFILE.open, None, now=-1) == "clock_range"
    with pytest.raises(TypeError):
        PROFILE.open(7, now=NOW)  # type: ignore[arg-type]


def test_users() -> None:
    session = opened({**GUEST, "data": {"a": 1, "b": 2}, "flash": {"m": [1]}})
    for sub, gen in (("", 1), ("é" * 128, 1), (LONE, 1), ("ada", -1), ("ada", 2**53)):
        assert code(session.sign_on, sub, gen) == "user_invalid"
    assert code(session.reauthenticate, 1) == "user_invalid"
    for bad in ((b"ada", 1), ("ada", 1.0), ("ada", True)):
        with pytest.raises(TypeError):
            session.sign_on(*bad)
    with pytest.raises(TypeError):
        session.sign_on("ada", 1, keep="ab")
    assert (session.data, session.is_new) == ({"a": 1, "b": 2}, False)
    session.sign_on("é" * 127, 2**53 - 1, keep=["b", "none"])
    assert (session.sub, session.gen, session.data) == ("é" * 127, 2**53 - 1, {"b": 2})
    assert (session.sid, session.auth_time) == (None, None)
    session.data = {"z": 1, "b": 2, "a": 3}
    session.sign_on("ada", 1, keep=["a", "b", "z"])
    assert list(session.data) == ["z", "b", "a"]
    commit = tried(session, NOW + 2)
    written = payload(commit)
    assert written["sid"] != SID
    assert (written["start"], written["auth_time"], written["rev"]) == (NOW + 2, NOW + 2, 1)
    assert [one.sid for one in commit.ended] == [SID]


def test_reauth_within() -> None:
    session = opened(USER, NOW + 100)
    assert [session.reauth_within(n) for n in (0, 100, 101)] == [False, False, True]
    session.reauthenticate(7)
    assert [session.reauth_within(n) for n in (-1, 0, 1)] == [False, False, True]
    session.sign_off()
    assert not session.reauth_within(10**9)
    ahead = opened({**USER, "auth_time": NOW + 30})
    assert [ahead.reauth_within(n) for n in (-29, 0, 1)] == [False, False, True]
    session.sign_on("ada", 7, auth_time=NOW)
    assert [session.reauth_within(n) for n in (100, 101)] == [False, True]
    with pytest.raises(TypeError):
        session.reauth_within(1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("leeway", [0, 60, 300])
def test_earlier_proof(leeway: int) -> None:
    """[SESS-14]: what a server within leeway of this clock proved is good, and opens again."""
    profile = SessionProfile(ring(1), CONTEXT, policy=Policy(leeway=leeway))
    session = profile.open(None, now=NOW).checked(None)
    session.data["a"] = 1
    for outside in (-1, NOW + leeway + 1, 2**48):
        assert code(session.sign_on, "ada", 7, auth_time=outside) == "user_invalid"
    assert (session.sub, session.data) == (None, {"a": 1})
    session.sign_on("ada", 7, auth_time=NOW + leeway)
    assert session.reauth_within(1)
    token = profile.commit(session, now=NOW).token
    again = profile.open(token, now=NOW).checked(7)
    assert (again.sub, again.auth_time) == ("ada", NOW + leeway)


def test_earlier_proof_at_the_end_of_time() -> None:
    """No proof is outside §19.1, however late the clock."""
    session = PROFILE.open(None, now=2**48 - 1).checked(None)
    assert code(session.sign_on, "ada", 7, auth_time=2**48) == "user_invalid"
    session.sign_on("ada", 7, auth_time=2**48 - 1)


def test_sign_off_with_something_new() -> None:
    session = opened({**USER, "data": {"a": 1}})
    session.send()  # asked of the session that ends here, not of the one that begins
    session.sign_off()
    assert tried(session).wrote == "expire"
    session.flash("m", "bye")
    commit = tried(session)
    assert (commit.wrote, payload(commit)["rev"]) == ("seal", 1)
    assert "sub" not in payload(commit)


def test_system_clock() -> None:
    profile = Sessions(Keyring([Entry(Key.generate())]), CONTEXT)
    session = profile.open([]).checked(None)
    session.data["a"] = 1
    pair = profile.commit(session).headers[0][1].split(";")[0]
    assert profile.open([pair.encode()]).unchecked().data == {"a": 1}


def test_exchange_of_the_ring() -> None:
    profile = SessionProfile(ring(1), CONTEXT)
    token = token_of(GUEST)
    profile.replace_keyring(ring(2, 1))
    session = profile.open(token, now=NOW).unchecked()
    session.send()
    renewed = profile.commit(session, now=NOW).token
    profile.replace_keyring(ring(2))
    assert profile.open(token, now=NOW).reason == "unknown_key"
    assert profile.open(renewed, now=NOW).reason is None
    assert len(profile.keyring) == 1


# Secrecy


def test_nothing_of_a_session_is_shown() -> None:
    value = {**USER, "sub": SECRET, "data": {SECRET: 1}, "flash": {SECRET: []}}
    opening = opening_of(value)
    shown = repr(opening)
    session = opening.checked(7)
    session.data["b"] = SECRET
    commit = tried(session)
    things = [session, commit, PROFILE, opening, session._opened, session_json.read(text_of(value))]
    assert SECRET not in shown + repr(things) + str(things)
    assert (commit.token or "?") not in repr(commit)


def test_nothing_of_a_session_in_errors() -> None:
    session = opened({**USER, "sub": SECRET})
    session.data[SECRET] = LONE
    error = refused(lambda: tried(session))
    assert error.code == "payload_unserializable"
    assert (error.__context__, error.__cause__) == (None, None)
    assert SECRET not in str(error) + repr(error)
    assert vars(error) == {"code": error.code, "member": f"data[{SECRET!r}]"}
    bad = text_of(USER)[:-1] + b',"data":{"' + SECRET.encode()
    for token in (token_of(bad), token_of(bad + b"\xff")):
        assert PROFILE.open(token, now=NOW).reason == "payload_invalid"


def test_arguments() -> None:
    with pytest.raises(TypeError):
        SessionProfile(ring(1), CONTEXT, policy={"idle": 5})  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        PROFILE.commit({}, now=NOW)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        new().flash(1, 1)  # type: ignore[arg-type]
    assert code(SessionProfile, ring(1), CONTEXT, limit=0) == "limit_range"
    for given in ({}, {"sid": SID}, {"sid": SID[1:], "salt": bytes(12), "iv": bytes(12)}):
        session = new()
        session.send()
        with pytest.raises(ValueError, match="draws"):
            hazmat.commit_with_fixed_random(PROFILE, session, now=NOW, **given)
    assert Sealer(ring(1), CONTEXT).seal(b"", ttl=1, now=NOW)
