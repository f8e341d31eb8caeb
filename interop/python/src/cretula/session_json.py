"""What stands in the payload of a session, read and written strictly (spec §19.1)."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from .limits import INTEGER_MAX, NESTING_MAX, SID_CHARACTERS, SUB_MAX, TIME_END, is_integer
from .strict_json import parse, plain

# Made once; the strings of [SESS-05] are those of the standard library.
_quote: Final = json.JSONEncoder(ensure_ascii=False).encode
_WORDS: Final = {None: "null", True: "true", False: "false"}
_name: Final = itemgetter(0)
_SID: Final = re.compile(rf"[A-Za-z0-9_-]{{{SID_CHARACTERS}}}")
_REQUIRED: Final = frozenset(("sid", "start", "end", "rev"))
_USER: Final = frozenset(("sub", "gen", "auth_time"))
_ALL: Final = _REQUIRED | _USER | {"data", "flash"}


@dataclass(frozen=True, repr=False)
class Members:
    """The members of the table in §19.1, in its order; None for one that is absent."""

    sid: str
    start: int
    end: int
    rev: int
    sub: str | None = None
    gen: int | None = None
    auth_time: int | None = None
    data: dict[str, Any] | None = None
    flash: dict[str, list[Any]] | None = None


def is_sub(value: str) -> bool:
    """Whether value is 1 to 255 bytes as UTF-8; one with a lone surrogate has no such form."""
    try:
        return 1 <= len(value.encode("utf-8")) <= SUB_MAX
    except UnicodeEncodeError:
        return False


def write_object(members: dict[str, Any], *, ordered: bool = False) -> str | None:
    """JSON as [SESS-05] has it, or None for what [SESS-06] refuses.

    `ordered` writes names in one order, which is for comparing: the texts of equal values are equal
    then, and those of others are not ([SESS-11]). A comparison of the values would take True for 1.
    """
    try:
        copy = plain(members)
    except (ValueError, RecursionError):
        return None
    if not _portable(copy, 1):
        return None
    text = _text(copy, ordered)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, at any depth, in names too
        return None
    return text


def _text(value: Any, ordered: bool = False) -> str:
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, list):
        return "[" + ",".join([_text(item, ordered) for item in value]) + "]"
    if isinstance(value, dict):
        items = sorted(value.items(), key=_name) if ordered else value.items()
        return (
            "{" + ",".join([f"{_quote(name)}:{_text(item, ordered)}" for name, item in items]) + "}"
        )
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, bool) or value is None:
        return _WORDS[value]
    return str(value)  # an int


def _number(value: float) -> str:
    """The one spelling of a number that _portable() lets pass: that of ECMAScript ([SESS-05])."""
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
    if not isinstance(root, dict) or not _portable(root, 1):
        return None
    names = root.keys()
    if not names >= _REQUIRED or not names <= _ALL or len(names & _USER) not in (0, len(_USER)):
        return None
    data, flash = root.get("data", {}), root.get("flash", {})
    if not isinstance(data, dict) or not isinstance(flash, dict):
        return None
    if not all(isinstance(messages, list) for messages in flash.values()):
        return None
    sid, sub = root["sid"], root.get("sub", "-")
    if not isinstance(sid, str) or _SID.fullmatch(sid) is None:
        return None
    if not isinstance(sub, str) or not is_sub(sub):
        return None
    integers = {
        name: _integer(root[name]) for name in ("start", "end", "rev", "gen", "auth_time") & names
    }
    ranges = {"rev": (1, INTEGER_MAX), "gen": (0, INTEGER_MAX)}
    for name, value in integers.items():
        low, high = ranges.get(name, (0, TIME_END - 1))
        if value is None or not low <= value <= high:
            return None
    members = Members(**{**root, **integers})
    return members if members.start < members.end else None


def _integer(value: object) -> int | None:
    """The integer of a JSON number judged as binary64 ([SESS-02]), or None.

    An int is taken exactly: below 2^53 that is its binary64 value, and above it is out of range.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and is_integer(value) else None


def _portable(value: object, level: int) -> bool:
    """Whether every language reads value back alike ([SESS-06]), surrogates aside.

    `value` has JSON's own types. `level` is that of an array or object in this place.
    """
    if value is None or isinstance(value, (str, bool)):
        return True
    if isinstance(value, int):
        return -INTEGER_MAX <= value <= INTEGER_MAX
    if isinstance(value, float):
        return math.isfinite(value) and (not value.is_integer() or abs(value) <= INTEGER_MAX)
    if level > NESTING_MAX:
        return False
    if isinstance(value, list):
        return all(_portable(item, level + 1) for item in value)
    if isinstance(value, dict):
        # Readers in JavaScript take this name for an object's prototype.
        return "__proto__" not in value and all(
            _portable(item, level + 1) for item in value.values()
        )
    return False
