"""What vectors do not show of the payload of sessions (spec §19.1)."""

from __future__ import annotations

import copy
import json
import sys
from collections import OrderedDict
from typing import Any

import pytest

from cretula import (
    hazmat,
    session_json,
)
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
    text_of,
    tried,
)
from support import NOW, code


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
        PROFILE, copy.deepcopy(session), now=NOW, sid=SID, salt=bytes(12), iv=bytes(12)
    )
    assert commit.payload == (
        f'{{"sid":"{SID}","start":{NOW},"end":{NOW + 86400},"rev":1,"data":{{"b":"\\"\\\\/\\b\\t'
        '\\n\\f\\r\\u0000\\u001f\x7fé\u2028😀","a":[1.5,0,null,true,[2]]},"flash":{"stays":[{}]}}'
    )
    session.sign_on("ada", 0)
    signed_on = payload(tried(session, NOW + 1))
    assert list(signed_on) == ["sid", "start", "end", "rev", "sub", "gen", "auth_time"]


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
    assert tried(session, NOW + 86_400).wrote == "expire"


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
    assert payload(tried(session))["data"]["a"] == value


def test_spelling_of_numbers_in_data() -> None:
    """[SESS-11], [SESS-12]: values count, and another spelling of one is no change."""
    numbers = "[1.0,1e0,10E-1,-0,-0.0,1.50,1e-7,1E2,0.1000000000000000055511,1e-400]"
    text = text_of(GUEST)[:-1] + f',"data":{{"a":{numbers}}}}}'.encode()
    session = opening_of(text).unchecked()
    assert session.data["a"] == json.loads(numbers)
    assert tried(session).wrote == "nothing"
    session.send()
    assert payload(tried(session))["data"]["a"] == json.loads(numbers)
