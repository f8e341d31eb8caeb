"""JSON as RFC 8259 has it and nothing more. The stock parser also takes NaN, duplicate names and
lone surrogates (spec §16), and hands out errors that hold the whole document."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, repr=False)
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
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=integer,
            parse_float=fraction,
        )
        # A lone surrogate has no UTF-8 form, so writing finds it at any depth, in names too.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return None
    return Document(value)


def write(value: object) -> bytes | None:
    """Write value as JSON in UTF-8, or None where it has no JSON form that parse() reads."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        data = text.encode("utf-8")
    except (TypeError, ValueError, RecursionError):
        return None
    # {1: "a", "1": "b"} is written with the name "1" twice; reading back finds it and the like.
    return None if parse(data) is None else data
