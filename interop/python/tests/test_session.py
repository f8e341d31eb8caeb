"""What vectors do not show of sessions (spec §19)."""

from __future__ import annotations

import json
import os
import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest

from cretula import (
    Commit,
    Context,
    CookieTooLarge,
    Entry,
    InvalidToken,
    Key,
    Keyring,
    Opening,
    Policy,
    Sealer,
    Session,
    SessionProfile,
    Sessions,
    Unsealer,
    base64url,
    hazmat,
    session_json,
)
from cretula.session import _Random
from support import CONTEXT, NOW, SEALER, code, key, ring
from test_secrecy import SECRET, everything, refused

PROFILE = SessionProfile(ring(1), CONTEXT)
SID = "AAAAAAAAAAAAAAAAAAAAAA"
GUEST = {"sid": SID, "start": NOW, "end": NOW + 86_400, "rev": 1}
USER = {**GUEST, "sub": "ada", "gen": 7, "auth_time": NOW}
LONE = "\ud800"


def text_of(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def token_of(value: object, ttl: int = 1800, now: int = NOW) -> str:
    return SEALER.seal(value if isinstance(value, bytes) else text_of(value), ttl=ttl, now=now)


def opening_of(value: object, now: int = NOW, **options: Any) -> Opening:
    return PROFILE.open(token_of(value), now=now, **options)


def opened(value: object, now: int = NOW) -> Session:
    session = opening_of(value, now).unchecked()
    assert session.reason is None
    return session


def new() -> Session:
    return PROFILE.open(None, now=NOW).checked(None)


def payload(commit: Commit) -> Any:
    assert commit.payload is not None
    late = Unsealer(ring(1), CONTEXT, leeway=300)
    assert late.unseal(commit.token or "", now=NOW).payload == commit.payload.encode()
    return json.loads(commit.payload)


# The payload


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"\xef\xbb\xbf" + text_of(GUEST),
        b"\xff",
        text_of(GUEST)[:-1],
        text_of(GUEST) + b"0",
        b'{"a":' * 2000,
        b"[" * 12_000,
        b"1" * 9000,
        text_of(GUEST)[:-1] + b',"data":{"a":' + b"9" * 5000 + b"}}",
        text_of(GUEST)[:-1] + b',"data":{"a":"\\ud800"}}',
        text_of(GUEST)[:-1] + b',"data":{"a":1,"\\u0061":2}}',
        text_of(GUEST)[:-1] + b',"data":{"__proto__":1}}',
        text_of(GUEST)[:-1] + b',"data":{"a":1e400}}',
        text_of(GUEST)[:-1] + b',"data":{"a":NaN}}',
        text_of(GUEST)[:-1] + b',"data":{"a":9007199254740992}}',
    ],
)
def test_texts_refused(text: bytes) -> None:
    assert session_json.read(text) is None
    assert opening_of(text).reason == "payload_invalid"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sid", SID[1:]),
        ("sid", SID + "\n"),
        ("sid", "é" + SID[1:]),
        ("sid", "A" * 21 + "="),
        ("sid", None),
        ("start", True),
        ("start", str(NOW)),
        ("start", NOW + 0.5),
        ("start", NOW + 86_400),
        ("start", -1),
        ("end", 2**48),
        ("end", None),
        ("rev", 0),
        ("rev", 2**53),
        ("rev", False),
        ("rev", 10**300),
        ("sub", ""),
        ("sub", "é" * 128),
        ("sub", None),
        ("gen", -1),
        ("gen", 2**53),
        ("auth_time", 2**48),
        ("data", []),
        ("data", None),
        ("flash", []),
        ("flash", {"a": {}}),
        ("flash", {"a": None}),
        ("extra", 1),
        ("Sid", SID),
    ],
)
def test_members_refused(name: str, value: object) -> None:
    assert session_json.read(text_of({**USER, name: value})) is None


@pytest.mark.parametrize("absent", ["sid", "start", "end", "rev", "sub", "gen", "auth_time"])
def test_members_missing(absent: str) -> None:
    assert session_json.read(text_of({n: v for n, v in USER.items() if n != absent})) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.0", 1),
        ("1e0", 1),
        ("10E-1", 1),
        ("9007199254740991.4", 2**53 - 1),
        ("9007199254740991", 2**53 - 1),
        ("-0", None),
        ("1e400", None),
        ("1e-400", None),
        ("9007199254740991.6", None),
        ("1.0000000000000001", 1),
    ],
)
def test_integers_as_binary64(text: str, value: int | None) -> None:
    """[SESS-02]"""
    read = session_json.read(text_of(GUEST).replace(b'"rev": 1', b'"rev": ' + text.encode()))
    assert (read.rev if read else None) == value


def test_zero_in_every_spelling() -> None:
    for zero in ("0", "-0", "-0.0", "1e-400", "-1e-400"):
        text = text_of({**GUEST, "start": 0}).replace(b'"start": 0', f'"start":{zero}'.encode())
        read = session_json.read(text)
        assert read is not None
        assert str(read.start) == "0"


def test_no_limit_of_the_interpreter_shows() -> None:
    """A process that lifts the limit on digits refuses the same payloads."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        for digits in (16, 17, 400, 5000, 12_000):
            assert session_json.read(text_of(GUEST)[:-2] + b"9" * digits + b"}") is None
    finally:
        sys.set_int_max_str_digits(before)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_nesting() -> None:
    """[SESS-03]: the payload's own object is level 1, data level 2."""
    assert session_json.read(text_of({**GUEST, "data": {"a": nested(14)}})) is not None
    assert session_json.read(text_of({**GUEST, "data": {"a": nested(15)}})) is None
    assert session_json.read(text_of({**GUEST, "flash": {"a": nested(14)}})) is not None
    assert session_json.read(text_of({**GUEST, "flash": {"a": nested(15)}})) is None


def test_writing() -> None:
    """[SESS-05]: order, escapes, no white space, nothing empty."""
    session = new()
    session.data = {"b": '"\\/\b\t\n\f\r\0\x1f\x7fé\u2028😀', "a": [1.5, -0.0, None, True, (2,)]}
    session.flash("gone", 1)
    session.take_flash("gone")
    session.flash("stays", {})
    commit = hazmat.commit_with_fixed_random(
        PROFILE, session, now=NOW, sid=SID, salt=bytes(12), iv=bytes(12)
    )
    assert commit.payload == (
        f'{{"sid":"{SID}","start":{NOW},"end":{NOW + 86400},"rev":1,"data":{{"b":"\\"\\\\/\\b\\t'
        '\\n\\f\\r\\u0000\\u001f\x7fé\u2028😀","a":[1.5,-0.0,null,true,[2]]},"flash":{"stays":[{}]}}'
    )
    session.sign_on("ada", 0)
    signed_on = payload(PROFILE.commit(session, now=NOW + 1))
    assert list(signed_on) == ["sid", "start", "end", "rev", "sub", "gen", "auth_time"]


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        2.0**53,
        1e300,
        10**5000,
        LONE,
        {LONE: 1},
        {"__proto__": 1},
        {1: 1},
        {None: 1},
        {"a": {"__proto__": {}}},
        nested(15),
        LOOP,
        {1, 2},
        b"bytes",
        object(),
        1j,
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_refused(value: Any) -> None:
    """[SESS-06], at the commit, in data and in flash."""
    session = new()
    session.data["a"] = value
    assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"
    session = opened(USER)
    session.flash("a", value)
    assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"
    # Not at the absolute end: then nothing is written ([SESS-13]).
    assert PROFILE.commit(session, now=NOW + 86_400).wrote == "expire"


@pytest.mark.parametrize("value", [None, [], "{}", 1])
def test_data_that_is_no_object(value: Any) -> None:
    session = new()
    with pytest.raises(Exception, match="payload_unserializable"):
        session.data = value


@pytest.mark.parametrize(
    "value", [2**53 - 1, -(2**53) + 1, 0.5, 5e-324, "", {}, [], OrderedDict(z=1, a=2), nested(14)]
)
def test_values_written(value: Any) -> None:
    session = new()
    session.data["a"] = value
    assert payload(PROFILE.commit(session, now=NOW))["data"]["a"] == value


# The policy


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
    assert vars(Policy()) == {"idle": 1800, "absolute": 86_400, "leeway": 60}
    assert Policy(34_560_000, 34_560_000, 300)
    for values in ((1.0, 2, 3), (True, 2, 3), (1, "2", 3), (1, 2, None)):
        with pytest.raises(TypeError):
            Policy(*values)


# Opening and the check


def test_nobody_reaches_a_session_but_through_the_check() -> None:
    """The check cannot be forgotten: an Opening has nothing else, and gives one Session."""
    opening = opening_of(USER)
    public = {name for name in dir(opening) if not name.startswith("_")}
    assert public == {"checked", "deny", "reason", "sid", "sub", "unchecked"}
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
        (USER, 6, True, "revoked"),
        (USER, None, True, "unchecked"),
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
        assert PROFILE.commit(session, now=NOW).wrote == "nothing"
        session.sign_off()
        # [SESS-17]: a session that the check closed is offered too.
        ended = PROFILE.commit(session, now=NOW).ended
        assert ended is not None
        assert (ended.sid, ended.end) == (SID, NOW + 86_400)


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
        assert PROFILE.commit(session, now=now) == Commit("expire")
    assert opening_of(USER, ended=True).checked(None).reason == "signed_off"
    assert code(PROFILE.open, None, now=-1) == "clock_range"
    with pytest.raises(TypeError):
        PROFILE.open(7, now=NOW)  # type: ignore[arg-type]


# Writing


def test_two_seals_differ() -> None:
    session = new()
    session.send()
    commits = [PROFILE.commit(session, now=NOW) for _ in range(200)]
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
    assert PROFILE.commit(session, now=NOW).wrote == "nothing"
    session.data["a"]["b"].append(2)
    assert PROFILE.commit(session, now=NOW).wrote == "seal"
    session.data["a"]["b"].pop()
    assert PROFILE.commit(session, now=NOW).wrote == "nothing"
    assert session.take_flash("n") == []
    assert session.take_flash("none") == []
    assert PROFILE.commit(session, now=NOW).wrote == "nothing"
    assert session.take_flash("m") == [1]
    assert session.take_flash("m") == []
    assert "flash" not in payload(PROFILE.commit(session, now=NOW))


def test_refresh_near_the_end() -> None:
    """[SESS-12]: at half of the window, never past the absolute end, and there not at all."""
    value = {**GUEST, "end": NOW + 2000}
    assert PROFILE.commit(opened(value), now=NOW + 899).wrote == "nothing"
    assert PROFILE.commit(opened(value), now=NOW + 900).wrote == "nothing"  # 200 s are left
    late = SessionProfile(ring(1), CONTEXT, policy=Policy(idle=400, absolute=86_400))
    session = late.open(token_of(value, ttl=400), now=NOW).unchecked()
    assert late.commit(session, now=NOW + 199).wrote == "nothing"
    commit = late.commit(session, now=NOW + 200)
    assert (commit.wrote, commit.ttl) == ("seal", 400)
    written = payload(commit)
    assert (written["start"], written["end"], written["rev"]) == (NOW, NOW + 2000, 2)


def test_refresh_loses_nothing() -> None:
    """[SESS-12]"""
    data = {"b": [1.5, None, True, {"ü": ""}], "a": {}, "n": 2**53 - 1, "0": [[], {}]}
    session = opened({**USER, "data": data, "flash": {"m": [1, {"a": None}]}})
    assert session.data == data
    commit = PROFILE.commit(session, now=NOW + 900)
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
    commit = profile.commit(session, now=LATE)
    assert (commit.wrote, commit.token, commit.ttl, commit.payload) == ("nothing", None, None, None)
    assert commit.ended is None
    assert commit.fault is not None
    assert commit.fault.code == "no_sealing_key"
    assert profile.commit(session, now=NOW) == Commit("nothing")
    session.data["a"] = 1
    assert code(profile.commit, session, now=LATE) == "no_sealing_key"
    del session.data["a"]
    assert profile.commit(session, now=LATE).wrote == "nothing"
    session.send()
    assert code(profile.commit, session, now=LATE) == "no_sealing_key"


def test_refresh_without_randomness(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> bytes:
        raise OSError

    session = opened(USER)
    monkeypatch.setattr(os, "urandom", fails)
    commit = PROFILE.commit(session, now=LATE)
    assert (commit.wrote, commit.fault and commit.fault.code) == ("nothing", "no_randomness")
    session.sign_off()
    assert PROFILE.commit(session, now=LATE).fault is None
    session.flash("m", 1)
    commit = PROFILE.commit(session, now=LATE)
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
    assert profile.commit(session, now=NOW).fault is None
    session.data["a"] = value
    commit = profile.commit(session, now=NOW)
    assert (commit.wrote, commit.token, commit.payload) == ("expire", None, None)
    assert commit.ended is not None
    assert (commit.ended.sid, commit.ended.end) == (SID, NOW + 86_400)
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
            assert PROFILE.commit(session, now=NOW).wrote == "seal"
    same = SessionProfile(ring(2), Context("shop.example", "session"), policy=Policy(idle=5))
    session = opened(USER)
    session.send()
    assert same.commit(session, now=NOW).ttl == 5


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
    first, second = (payload(PROFILE.commit(session, now=NOW + 3)) for _ in range(2))
    assert first.pop("sid") != second.pop("sid")
    assert first == second
    assert (first["rev"], first["gen"], first["auth_time"]) == (2, 8, NOW + 3)


def test_rev_stops_at_its_end() -> None:
    session = opened({**GUEST, "rev": 2**53 - 1})
    session.send()
    assert payload(PROFILE.commit(session, now=NOW))["rev"] == 2**53 - 1


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
    commit = PROFILE.commit(session, now=NOW + 2)
    written = payload(commit)
    assert written["sid"] != SID
    assert (written["start"], written["auth_time"], written["rev"]) == (NOW + 2, NOW + 2, 1)
    assert commit.ended is not None
    assert commit.ended.sid == SID


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
    assert PROFILE.commit(session, now=NOW).wrote == "expire"
    session.flash("m", "bye")
    commit = PROFILE.commit(session, now=NOW)
    assert (commit.wrote, payload(commit)["rev"]) == ("seal", 1)
    assert "sub" not in payload(commit)


def test_end_of_time() -> None:
    session = new()
    session.send()
    assert PROFILE.commit(session, now=2**48 - 86_401).wrote == "seal"
    late = PROFILE.commit(session, now=2**48 - 86_400)
    assert json.loads(late.payload or "")["end"] == 2**48 - 1


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
    commit = PROFILE.commit(session, now=NOW)
    things = [session, commit, PROFILE, opening, session._opened, session_json.read(text_of(value))]
    assert SECRET not in shown + repr(things) + str(things)
    assert (commit.token or "?") not in repr(commit)


def test_nothing_of_a_session_in_errors() -> None:
    session = opened({**USER, "sub": SECRET})
    session.data[SECRET] = LONE
    error = refused(lambda: PROFILE.commit(session, now=NOW))
    assert error.code == "payload_unserializable"
    assert (error.__context__, error.__cause__) == (None, None)
    assert SECRET not in str(error) + repr(error) + repr(vars(error))
    bad = text_of(USER)[:-1] + b',"data":{"' + SECRET.encode()
    for token in (token_of(bad), token_of(bad + b"\xff")):
        assert PROFILE.open(token, now=NOW).reason == "payload_invalid"


def test_seal_that_fails_is_no_token_error() -> None:
    session = new()
    session.data["a"] = "x" * 20_000
    error = refused(lambda: PROFILE.commit(session, now=NOW))
    assert error.code == "result_too_long"
    assert not isinstance(error, (InvalidToken, CookieTooLarge))


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
