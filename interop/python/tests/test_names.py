"""Any name and any JSON value is data; what a library would change in silence is refused.

[SESS-06], [SESS-11], [SESS-12]; [JSON-01] for typed calls.
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict, UserDict, defaultdict, namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from typing import Any

import pytest
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from cretula import Unsealer
from session_support import GUEST, PROFILE, USER, new, opened, opening_of, payload, text_of, tried
from support import CONTEXT, NOW, SEALER, code, ring

LATE = NOW + 1000  # a refresh is due

# For readers of JSON, Python, JavaScript, PHP or databases these are more than names.
NAMES = """
    __class__ __dict__ __init__ __getattr__ __reduce__ __module__ __slots__ py/object py/reduce
    constructor prototype toJSON then hasOwnProperty valueOf toString length class json_class
    $type @type @class $ref $id $date $oid $set $where $serde_json::private::RawValue
    $serde_json::private::Number __proto __proto___ 0 01 -1 1e0 4294967295 true null NaN Infinity
    keys items get pop sid start end rev sub gen auth_time data flash . .. a.b a[0]
"""
ODD = ["", " ", "\0", "\0a", "\0*\0b", "\x7f", "é", "e\u0301", "\u2028", "\ufeff", "😀"]


@pytest.mark.parametrize("name", [*NAMES.split(), *ODD])
def test_names_stay(name: str) -> None:
    """By a refresh, and when something else changes, at every depth."""
    value = {name: {name: [{name: name}]}}
    held = {**USER, "data": value, "flash": {name: [value]}}
    session = opened(held)
    assert session.data == value
    assert tried(session).wrote == "nothing"
    assert json.loads(tried(session, LATE).payload or "") == {**held, "rev": 2}
    session.data["more"] = 1
    expected = {**held, "rev": 2, "data": {**value, "more": 1}}
    assert payload(tried(session)) == expected
    session.sign_on("eve", 1, keep=[name])
    assert session.data == value
    assert session.take_flash(name) == []
    assert opened(held).take_flash(name) == [value]


def with_data(text: str) -> bytes:
    return text_of(GUEST)[:-1] + f',"data":{text}}}'.encode()


@pytest.mark.parametrize(
    "text",
    [
        '{"__proto__":1}',
        '{"a":[{"__pr\\u006fto__":{}}]}',
        '{"0":1,"\\u0030":1}',
        '{"a":{"length":1,"length":1}}',
        '{"":null,"":null}',
        '{"a":-Infinity}',
        '{"a":9007199254740991.5}',
    ],
)
def test_texts_refused(text: str) -> None:
    assert opening_of(with_data(text)).reason == "payload_invalid"


@pytest.mark.parametrize(
    ("before", "after", "wrote"),
    [
        ('{"a":1,"b":{"c":[1],"d":2}}', '{"b":{"d":2.0,"c":[1e0]},"a":10E-1}', "nothing"),
        ('{"a":0}', '{"a":-0.0}', "nothing"),
        ('{"a":-0.0}', '{"a":-0}', "nothing"),
        ('{"a":0}', '{"a":-1e-400}', "nothing"),
        ('{"a":9007199254740991}', '{"a":9007199254740991.0}', "nothing"),
        ('{"a":0.1}', '{"a":0.1000000000000000055511}', "nothing"),
        ('{"a":0.1}', '{"a":0.10000000000000002}', "seal"),
        ('{"a":1}', '{"a":true}', "seal"),
        ('{"a":0}', '{"a":false}', "seal"),
        ('{"a":true}', '{"a":1.0}', "seal"),
        ('{"a":[[false]]}', '{"a":[[0]]}', "seal"),
        ('{"a":1}', '{"a":"1"}', "seal"),
        ('{"a":null}', "{}", "seal"),
        ('{"a":{}}', '{"a":[]}', "seal"),
        ('{"a":[1,2]}', '{"a":[2,1]}', "seal"),
        ('{"a":["1.0"]}', '{"a":["1"]}', "seal"),
        ('{"é":1}', '{"e\u0301":1}', "seal"),
    ],
)
def test_differs_by_value(before: str, after: str, wrote: str) -> None:
    """[SESS-11], in data and in messages."""
    session = opening_of(with_data(before)).unchecked()
    session.data = json.loads(after)
    assert tried(session).wrote == wrote
    message = text_of(GUEST)[:-1] + f',"flash":{{"m":[{before}]}}}}'.encode()
    session = opening_of(message).unchecked()
    session.take_flash("m")
    session.flash("m", json.loads(after))
    assert tried(session).wrote == wrote


class Number(IntEnum):
    ONE = 1


class Colour(str, Enum):
    RED = "red"


class Mutable(list[Any]):
    def __iter__(self) -> Iterator[Any]:
        return iter([])


class Fraction64(float):
    def __repr__(self) -> str:
        return "0"


class Loud(str):
    __slots__ = ()

    def __str__(self) -> str:
        return self.upper()


class Anyone(str):
    """Equals nothing, so that a dict takes it beside its own text."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (Number.ONE, "1"),
        (Colour.RED, '"red"'),
        (Loud("a"), '"a"'),
        (Markup("<b>"), '"<b>"'),
        (Fraction64(0.5), "0.5"),
        ({Colour.RED: {Loud("a"): 1}}, '{"red":{"a":1}}'),
        (Mutable([1]), "[1]"),
        ((1, (2,)), "[1,[2]]"),
        (OrderedDict(b=1, a=2), '{"b":1,"a":2}'),
        (defaultdict(list, a=[1]), '{"a":[1]}'),
        (Counter("aab"), '{"a":2,"b":1}'),
    ],
    ids=repr,
)
def test_values_that_a_subclass_holds(value: object, written: str) -> None:
    session = new()
    session.data["a"] = value
    commit = PROFILE.commit(session, now=NOW)
    assert (commit.payload or "").endswith(f',"data":{{"a":{written}}}}}')
    token = SEALER.seal_json(value, ttl=60, now=NOW)
    assert Unsealer(ring(1), CONTEXT).unseal(token, now=NOW).payload.decode() == written
    again = opened(payload(commit))
    again.data["a"] = value
    assert PROFILE.commit(again, now=NOW).wrote == "nothing"


Point = namedtuple("Point", "x y")


@dataclass
class Basket:
    items: list[int]


@pytest.mark.parametrize(
    "value",
    [
        MultiDict([("a", 1), ("a", 2)]),  # shows the first value of several
        Point(1, 2),  # written as a list, it loses its names
        {Anyone("a"): 1, "a": 2},  # the name would be written twice
        {Anyone("a"): 1, Anyone("a"): 1},
        {1: 1},
        {True: 1},
        {None: 1},
        {1.5: 1},
        {("a",): 1},
        {b"a": 1},
        Basket([1]),
        UserDict(a=1),
        Decimal(1),
        Fraction(1, 2),
        date(2026, 1, 1),
        b"a",
        bytearray(b"a"),
        {1},
        range(2),
        iter([1]),
        int,
        len,
        ...,
        NotImplemented,
        1j,
        float("nan"),
        float("-inf"),
        Fraction64("inf"),
    ],
    ids=repr,
)
def test_values_refused(value: Any) -> None:
    """Where json.dumps() would change them in silence, and where it knows none."""
    session = new()
    session.data["a"] = [value]
    assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"
    session = opened(USER)
    session.flash("a", value)
    assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"
    assert code(SEALER.seal_json, value, ttl=60, now=NOW) == "payload_unserializable"
    if isinstance(value, dict):
        session = new()
        session.data = value
        assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"


def test_sign_on_cuts_nothing() -> None:
    """[SESS-14]: what could not have been written before it is not half kept."""
    session = new()
    session.data = MultiDict([("a", 1), ("a", 2)])
    session.sign_on("ada", 7, keep=["a"])
    assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"
    session.sign_on("ada", 7)
    assert tried(session).wrote == "seal"


@pytest.mark.parametrize("name", [1, None, b"a", ("a",)])
def test_names_of_messages_are_str(name: Any) -> None:
    with pytest.raises(TypeError):
        new().flash(name, 1)
