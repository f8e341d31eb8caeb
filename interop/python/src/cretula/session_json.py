"""What stands in the payload of a session, read and written strictly (spec §19.1)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from .limits import (
    INTEGER_MAX,
    JKT_CHARACTERS,
    NESTING_MAX,
    SID_CHARACTERS,
    SUB_MAX,
    TIME_END,
)
from .strict_json import named, parse

# Made once; the strings of [SESS-05] are those of the standard library.
_quote: Final = json.JSONEncoder(ensure_ascii=False).encode
_write: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_WORDS: Final = {None: "null", True: "true", False: "false"}
_PROTO: Final = "__proto__"  # readers in JavaScript take it for an object's prototype
_SID: Final = re.compile(rf"[A-Za-z0-9_-]{{{SID_CHARACTERS}}}")
_JKT: Final = re.compile(rf"[A-Za-z0-9_-]{{{JKT_CHARACTERS}}}")
_REQUIRED: Final = frozenset(("sid", "start", "end", "rev"))
_USER: Final = frozenset(("sub", "gen", "auth_time"))
_ALL: Final = _REQUIRED | _USER | {"checked", "jkt", "data", "flash"}
_INTEGERS: Final = (
    ("start", 0, TIME_END - 1),
    ("end", 0, TIME_END - 1),
    ("rev", 1, INTEGER_MAX),
    ("gen", 0, INTEGER_MAX),
    ("auth_time", 0, TIME_END - 1),
    ("checked", 0, TIME_END - 1),
)


@dataclass(repr=False)
class Members:
    """The members of the table in §19.1, in its order; None for one that is absent."""

    sid: str
    start: int
    end: int
    rev: int
    sub: str | None = None
    gen: int | None = None
    auth_time: int | None = None
    checked: int | None = None
    jkt: str | None = None
    data: dict[str, Any] | None = None
    flash: dict[str, list[Any]] | None = None


def is_sub(value: str) -> bool:
    """Whether value is 1 to 255 bytes as UTF-8; one with a lone surrogate has no such form."""
    try:
        return 1 <= len(value.encode("utf-8")) <= SUB_MAX
    except UnicodeEncodeError:
        return False


def is_sid(value: object) -> bool:
    """Whether value is a name of a session ([SESS-04])."""
    return isinstance(value, str) and _SID.fullmatch(value) is not None


def is_jkt(value: object) -> bool:
    """Whether value is a thumbprint ([SESS-04])."""
    return isinstance(value, str) and _JKT.fullmatch(value) is not None


def read_object(octets: bytes) -> dict[str, Any] | None:
    """The members of an object, read as a payload is ([SESS-01], [SESS-03], [SESS-06])."""
    document = parse(octets)
    root = None if document is None else document.value
    return root if isinstance(root, dict) and _portable(root, 1) else None


def write_object(members: dict[str, Any]) -> str | None:
    """JSON as [SESS-05] has it, or None for what [SESS-06] refuses."""
    try:
        text = _write(members) if _is_common(members, 1) else _text(members)
        text.encode("utf-8")  # a lone surrogate, at any depth, in names too, has no such form
    except (ValueError, RecursionError):
        return None
    return text


def _is_common(value: Any, level: int) -> bool:
    """Whether the standard library, which is faster, writes an array or object as _text() does.

    So it does without fractions and without types that are not JSON's own.
    """
    if level > NESTING_MAX:
        return False
    if type(value) is dict:
        if _PROTO in value or not set(map(type, value)) <= {str}:
            return False
        value = value.values()
    for item in value:
        kind = type(item)
        if kind is dict or kind is list:
            if not _is_common(item, level + 1):
                return False
        elif kind is int:
            if not -INTEGER_MAX <= item <= INTEGER_MAX:
                return False
        elif kind is not str and kind is not bool and item is not None:
            return False
    return True


def _text(value: object, level: int = 1) -> str:
    """The text of a value of JSON's own types, or of a subclass, which stands for what it holds.

    `level` is that of an array or object in this place. Raises ValueError for what [SESS-06]
    refuses, lone surrogates aside.
    """
    if isinstance(value, str):
        return _quote(str.__str__(value))
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, (int, float)):
        number = int.__int__(value) if isinstance(value, int) else float.__float__(value)
        if not -INTEGER_MAX <= number <= INTEGER_MAX:
            raise ValueError
        return str(number) if isinstance(number, int) else _number(number)
    if level > NESTING_MAX:
        raise ValueError
    if isinstance(value, dict):
        members = named(value)
        if _PROTO in members:
            raise ValueError
        texts = [f"{_quote(name)}:{_text(item, level + 1)}" for name, item in members.items()]
        return "{" + ",".join(texts) + "}"
    if isinstance(value, list):
        return "[" + ",".join([_text(item, level + 1) for item in list.__iter__(value)]) + "]"
    if type(value) is tuple:  # one with names (namedtuple) would lose them
        return "[" + ",".join([_text(item, level + 1) for item in value]) + "]"
    raise ValueError


def _number(value: float) -> str:
    """The one spelling of a number in range: that of ECMAScript ([SESS-05])."""
    if value.is_integer():
        return str(int(value))
    # Python too writes the shortest digits that read back to the same value. It goes over to an
    # exponent below 1e-4 instead of 1e-6, and writes it with two digits at least. A number that is
    # no integer is below 2^53, so none is so large that it has one.
    sign = "-" if value < 0 else ""
    digits, _, exponent = repr(abs(value)).partition("e")
    if not exponent:
        return sign + digits
    power = int(exponent)
    if power < -6:
        return f"{sign}{digits}e{power}"
    return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"


def write(members: Members) -> str | None:
    """The payload's text, or None for what [SESS-06] refuses."""
    # vars() keeps the order of the fields, which is that of the table.
    present = {name: value for name, value in vars(members).items() if value is not None}
    return write_object(present)


def read(payload: bytes) -> Members | None:
    """The members of a payload, or None for payload_invalid ([SESS-01] to [SESS-04]).

    What no sealer may write ([SESS-06]) is refused at opening too, so that no session opens that
    could not be written again.
    """
    document = parse(payload)
    root = None if document is None else document.value
    if not isinstance(root, dict):
        return None
    names = root.keys()
    if not names >= _REQUIRED or not names <= _ALL or len(names & _USER) not in (0, len(_USER)):
        return None
    data, flash = root.get("data", {}), root.get("flash", {})
    if not isinstance(data, dict) or not isinstance(flash, dict):
        return None
    if not _portable(data, 2) or not _portable(flash, 2):
        return None
    if not all(isinstance(messages, list) for messages in flash.values()):
        return None
    sub = root.get("sub", "-")
    if not is_sid(root["sid"]):
        return None
    if "jkt" in names and not ("sub" in names and is_jkt(root["jkt"])):
        return None
    if not isinstance(sub, str) or not is_sub(sub):
        return None
    for name, low, high in _INTEGERS:
        if name in root:
            value = _integer(root[name])
            if value is None or not low <= value <= high:
                return None
            root[name] = value
    members = Members(**root)
    return members if members.start < members.end else None


def _integer(value: object) -> int | None:
    """The integer of a JSON number judged as binary64 ([SESS-02]), or None.

    An int is taken exactly: below 2^53 that is its binary64 value, and above it is out of range.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _portable(value: dict[str, Any] | list[Any], level: int) -> bool:
    """Whether every language reads what was parsed back alike ([SESS-06]).

    `level` is that of the array or object.
    """
    if level > NESTING_MAX:
        return False
    if isinstance(value, dict):
        if _PROTO in value:
            return False
        value = list(value.values())
    for item in value:
        if isinstance(item, (dict, list)):
            if not _portable(item, level + 1):
                return False
        # What is outside as a binary64 number is integral, infinite or none at all.
        elif isinstance(item, (int, float)) and not -INTEGER_MAX <= item <= INTEGER_MAX:
            return False
    return True


def same(value: object, other: object) -> bool:
    """Whether two values of JSON's own types are equal as [SESS-11] has it: 1 and 1.0 are.

    Python takes True for 1, too.
    """
    if isinstance(value, dict):
        return (
            isinstance(other, dict)
            and value.keys() == other.keys()
            and all(same(item, other[name]) for name, item in value.items())
        )
    if isinstance(value, list):
        return isinstance(other, list) and len(value) == len(other) and all(map(same, value, other))
    return value == other and isinstance(value, bool) is isinstance(other, bool)
