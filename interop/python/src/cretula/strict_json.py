"""JSON as RFC 8259 has it and nothing more. The stock parser also takes NaN, duplicate names and
lone surrogates (spec §16), and hands out errors that hold the whole document."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final


@dataclass(repr=False)
class Document:
    """A parsed JSON text, so that the value null differs from a refusal."""

    value: Any


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    # Two readers that keep different ones of two equal names would see two different documents.
    if len(members) != len(pairs):
        raise ValueError
    return members


def _constant(_: str) -> Any:
    raise ValueError


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


# Made once; what json.loads() and json.dumps() make for each call.
_write: Final = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=8)
def _reader(
    integer: Callable[[str], int | float], fraction: Callable[[str], int | float]
) -> Callable[[str], Any]:
    return json.JSONDecoder(
        object_pairs_hook=_object,
        parse_constant=_constant,
        parse_int=integer,
        parse_float=fraction,
    ).decode


def parse(
    data: bytes,
    *,
    integer: Callable[[str], int | float] = int,
    fraction: Callable[[str], int | float] = _finite,
) -> Document | None:
    """Read one JSON text in UTF-8, or None where it is not strictly one.

    Refused: other encodings, a byte order mark, NaN and Infinity, a name twice in one object, lone
    surrogates, nesting or integers beyond the interpreter's limits, and numbers that are infinite
    as binary64 unless the caller reads numbers by itself.

    A refusal is a value and no exception because JSONDecodeError.doc and UnicodeDecodeError.object
    are the document, keys or payload included, and stay reachable as __context__ even after
    `raise ... from None`.
    """
    try:
        text = data.decode("utf-8")
        value = _reader(integer, fraction)(text)
        # UTF-8 has no form of a lone surrogate: only an escape brings one in, and writing finds it
        # at any depth, in names too.
        if "\\u" in text:
            _write(value).encode("utf-8")
    except (ValueError, RecursionError):
        return None
    return Document(value)


def plain(value: object) -> Any:
    """A copy in JSON's own types, so that what is checked is what is written.

    A subclass of str, int, float or list (StrEnum, IntEnum) stands for the value that it holds.
    Raises ValueError for what has no JSON form, and for what json.dumps() would change in silence;
    RecursionError for a value that contains itself.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, list):
        return [plain(item) for item in list.__iter__(value)]
    if type(value) is tuple:  # one with names (namedtuple) would lose them
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in named(value).items()}
    raise ValueError


def named(value: dict[Any, Any]) -> dict[str, Any]:
    """A dict of the same values under names that are str and nothing more.

    Raises ValueError where there is none: a name of another type would be written as a str.
    """
    if type(value) is dict and set(map(type, value)) <= {str}:
        return value
    if not shows_all(value) or not all(isinstance(name, str) for name in value):
        raise ValueError
    members = {str.__str__(name): item for name, item in value.items()}
    # A subclass of str may compare otherwise than its text does, which would be written twice.
    if len(members) != len(value):
        raise ValueError
    return members


def shows_all(value: dict[Any, Any]) -> bool:
    """Whether a dict shows the values that it holds; a MultiDict shows the first of several."""
    shown = list(value.items())
    held = dict.__len__(value) == len(shown)
    return held and all(dict.get(value, name) is item for name, item in shown)


def write(value: object) -> bytes | None:
    """Write value as JSON in UTF-8, or None where it has no JSON form that parse() reads."""
    try:
        text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        data = text.encode("utf-8")
    except (ValueError, RecursionError):
        return None
    # The interpreter may write what it does not read again, nesting for instance.
    return None if parse(data) is None else data
