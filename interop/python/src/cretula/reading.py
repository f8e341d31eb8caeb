"""Reading tokens from raw Cookie fields (spec §20.2, §20.3).

No framework's cookie parser stands between: they differ in duplicates, in percent-decoding, and in
what one odd foreign cookie makes of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from . import base64url
from .bound import Ring
from .cookie import SECOND
from .limits import COOKIE_CANDIDATES_MAX, COOKIE_PART_MAX, COOKIE_TOKEN_MAX, KEY_ID_BYTES
from .profile import token_length

T = TypeVar("T")

_TWO: Final = b"2."
_TWO_START: Final = re.compile(rb"2\.[A-Za-z0-9_-]{8}\.")
_HEAD: Final = 48  # characters of a token that hold magic and key id
_TOKEN_MIN: Final = token_length(0)
_SPACE: Final = b" \t"
_EQUALS: Final = re.compile(rb"[ \t]*=")
_SEMICOLON: Final = ord(";")

Span = tuple[bytes, int, int]


class Fields:
    """The Cookie fields of a request. What is in them belongs to whoever sent it.

    Nothing is copied but values of our own names, a few of them at a time and each of bounded
    length ([COOK-05]).
    """

    def __init__(self, fields: Iterable[bytes]) -> None:
        if isinstance(fields, (bytes, str)):
            raise TypeError("fields must be the Cookie fields, a list of bytes")
        self._fields = list(fields)
        if not all(isinstance(octets, bytes) for octets in self._fields):
            raise TypeError("each Cookie field must be bytes: its octets as they were received")

    def spans(self, name: str) -> Iterator[Span]:
        """Where the values of this name stand, in the order received ([COOK-04])."""
        literal = name.encode("ascii")
        for octets in self._fields:
            at = octets.find(literal)
            while at >= 0:
                after = at + len(literal)
                # A run of space is tried twice at most: after one of the name and before the next.
                equals, before = _EQUALS.match(octets, after), _end(octets, 0, at)
                if equals is not None and (before == 0 or octets[before - 1] == _SEMICOLON):
                    after = octets.find(b";", after)
                    after = len(octets) if after < 0 else after
                    yield octets, *_trim(octets, equals.end(), after)
                at = octets.find(literal, after)

    def values(self, name: str, longest: int) -> Iterator[bytes]:
        """The values of this name that have at most so many octets."""
        for octets, start, end in self.spans(name):
            if end - start <= longest:
                yield octets[start:end]

    def has_item(self, name: str, item: bytes) -> bool:
        """Whether a value of this name, split at ".", has this item, which has none ([COOK-07])."""
        for octets, start, end in self.spans(name):
            at = octets.find(item, start, end)
            while at >= 0:
                after = at + len(item)
                begins = at == start or octets[at - 1 : at] == b"."
                if begins and (after == end or octets[after : after + 1] == b"."):
                    return True
                at = octets.find(item, after, end)
        return False

    def has(self, name: str) -> bool:
        return next(self.spans(name), None) is not None


def _trim(octets: bytes, start: int, end: int) -> tuple[int, int]:
    """The range without space at both ends, looked at in pieces instead of in a copy."""
    while start < end and octets[start] in _SPACE:
        piece = octets[start : min(start + 4096, end)]
        start += len(piece) - len(piece.lstrip(_SPACE))
    return start, _end(octets, start, end)


def _end(octets: bytes, start: int, end: int) -> int:
    """Where the range ends without space at its end."""
    while start < end and octets[end - 1] in _SPACE:
        piece = octets[max(start, end - 4096) : end]
        end -= len(piece) - len(piece.rstrip(_SPACE))
    return end


def _distinct(values: Iterable[bytes], most: int) -> list[bytes]:
    """The different values in the order received, and no more of them than `most`."""
    found: list[bytes] = []
    for value in values:
        if value not in found:
            found.append(value)
            if len(found) == most:
                break
    return found


def _names_a_key(head: bytes, ring: Ring) -> bool:
    data = base64url.decode(head[:_HEAD])
    return (
        head[:4] == b"CrE1"
        and data is not None
        and len(data) == _HEAD * 3 // 4
        and data[3 : 3 + KEY_ID_BYTES] in ring.by_key_id
    )


def _has_shape(value: bytes, ring: Ring) -> bool:
    """Whether value could be a token of the ring, whole or in two (§20.3)."""
    start = _TWO_START.match(value)
    if start is not None:
        return len(value) <= COOKIE_PART_MAX and _names_a_key(value[start.end() :], ring)
    return _TOKEN_MIN <= len(value) <= COOKIE_TOKEN_MAX and _names_a_key(value, ring)


def proofs(fields: Fields, name: str, ring: Ring) -> list[bytes]:
    """The values that have the shape of a token of the ring, each once, the first 4 ([DEV-04])."""
    values = fields.values(name, COOKIE_TOKEN_MAX)
    shaped = (one for one in values if not one.startswith(_TWO) and _has_shape(one, ring))
    return _distinct(shaped, COOKIE_CANDIDATES_MAX)


def _join(value: bytes, fields: Fields, name: str) -> bytes | None:
    """The token that begins in value, or None for `chunks` ([COOK-14])."""
    start = value[2:11]  # id and "."
    seconds = _distinct(
        (
            second
            for second in fields.values(name + SECOND, COOKIE_PART_MAX)
            if second.startswith(start) and len(second) > len(start)
        ),
        2,
    )
    return value[11:] + seconds[0][len(start) :] if len(seconds) == 1 else None


def choose(
    fields: Fields, name: str, ring: Ring, open_: Callable[[bytes], T | str]
) -> tuple[list[T], str | None]:
    """What the candidates open to, in the order received, and a code if none is to be used (§20.3).

    Of more than four, which are `ambiguous`, the first four are opened all the same: a sign-off
    ends what they hold ([SESS-17]).
    """
    first: Span | None = None
    candidates: list[bytes] = []
    for span in fields.spans(name):
        first = first or span
        octets, start, end = span
        value = octets[start:end] if end - start <= COOKIE_TOKEN_MAX else b""
        if _has_shape(value, ring) and value not in candidates:
            candidates.append(value)
            if len(candidates) > COOKIE_CANDIDATES_MAX:
                break
    if first is None:
        return [], "absent"
    outcomes: list[T | str] = []
    if not candidates:
        octets, start, end = first
        if octets.startswith(_TWO, start, end):
            outcomes.append("chunks")
        elif end - start > COOKIE_TOKEN_MAX:
            outcomes.append("too_long")
        else:
            outcomes.append(open_(octets[start:end]))
    for value in candidates[:COOKIE_CANDIDATES_MAX]:
        token = _join(value, fields, name) if value.startswith(_TWO) else value
        outcomes.append("chunks" if token is None else open_(token))
    found = [outcome for outcome in outcomes if not isinstance(outcome, str)]
    if len(candidates) > COOKIE_CANDIDATES_MAX:
        return found, "ambiguous"
    return found, None if found else str(outcomes[0])
