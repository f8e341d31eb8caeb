"""Keyrings: which key seals, which are accepted (spec §11)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from .errors import CallerError, InvalidKey, InvalidKeyring
from .key import Key, _from_text
from .limits import (
    FAR_FUTURE,
    LEEWAY_DEFAULT,
    TIME_END,
    check_leeway,
    check_now,
    check_reload_grace,
    check_ttl,
    is_integer,
)
from .strict_json import parse

_SPACE: Final = b"\t\n\x0c\r "
_SEPARATORS: Final = re.compile(rb"[,\t\n\x0c\r ]+")


@dataclass(frozen=True)
class Entry:
    """A key of a ring and its times, in seconds since the epoch, 0 <= t < 2^48 (spec §11.1).

    The key seals from `seal_from` on, until an entry with a later one takes over; its tokens are
    accepted while now < `accept_until` (None: without end), also before `seal_from`. Keyring
    checks the times, since only there the entry has a position to report.
    """

    key: Key
    seal_from: int = 0
    accept_until: int | None = None

    def accepted(self, now: int) -> bool:
        """Whether tokens of this key are accepted at now, without leeway ([OPEN-07])."""
        return self.accept_until is None or now < self.accept_until


@dataclass(frozen=True)
class RotationWarning:
    """A likely mistake in a ring ([RING-18]): `entry` is the position, counted from 0, `code` is
    `ends_before_its_tokens`, `takes_over_too_soon` or `far_in_future`."""

    entry: int
    code: str


class Keyring:
    """One or more entries, checked; immutable, to be shared between threads.

    Raises InvalidKeyring: keyring_empty; or at a position keyring_time, keyring_window,
    key_duplicate ([RING-01] to [RING-06]). from_text() adds the codes of keys.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[Entry]) -> None:
        checked: list[Entry] = []
        seen: set[Key] = set()
        for position, entry in enumerate(entries):
            if not isinstance(entry, Entry) or not isinstance(entry.key, Key):
                raise TypeError("a keyring is made of Entry objects that hold Key objects")
            fault = _fault(entry, seen)
            if fault is not None:
                raise InvalidKeyring(fault, position)
            seen.add(entry.key)
            checked.append(entry)
        if not checked:
            raise InvalidKeyring("keyring_empty")
        self._entries = tuple(checked)

    @classmethod
    def from_text(cls, text: str | bytes) -> Keyring:
        """Read either form: a list of key texts (§11.3) or a keyring document (§11.4).

        A list is for an environment variable: key texts between commas or white space; the first
        seals. A document is for a secret file that is read again. Pass a file as bytes: reading it
        as str may drop a byte order mark or replace what is not UTF-8.

        Raises InvalidKeyring with any code of a key or a ring; see `.entry` for the position.
        """
        return _from_any(text, test_keys=False)

    @classmethod
    def from_env(cls, name: str) -> Keyring:
        """Read either form from an environment variable, such as CRETULA_KEYS.

        Raises InvalidKeyring as from_text() does, and keyring_empty without the variable. Its text
        names the variable, and nothing that it holds.
        """
        value = os.environ.get(name)
        try:
            return cls.from_text(os.fsencode(value or ""))
        except InvalidKeyring as error:
            place = f"the variable {name}" if value else f"the variable {name} is not set"
            raise InvalidKeyring(error.code, error.entry, place) from None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries in ring order."""
        return self._entries

    def sealing_entry(self, now: int | None = None) -> Entry:
        """The entry that seals at now, in seconds; None is the system clock (§11.2, [RING-07]).

        Raises CallerError clock_range, no_clock, no_sealing_key.
        """
        position = self._sealing_position(check_now(now))
        if position is None:
            raise CallerError("no_sealing_key")
        return self._entries[position]

    def accepted(self, now: int | None = None) -> tuple[Entry, ...]:
        """The entries whose tokens are accepted at now, in ring order ([RING-08]).

        Raises CallerError clock_range, no_clock.
        """
        now = check_now(now)
        return tuple(entry for entry in self._entries if entry.accepted(now))

    def warnings(
        self,
        *,
        longest_ttl: int,
        reload_grace: int,
        leeway: int = LEEWAY_DEFAULT,
        now: int | None = None,
    ) -> tuple[RotationWarning, ...]:
        """Likely mistakes of a rotation, by entry ([RING-18]). All in seconds.

        `longest_ttl` is the longest ttl that any sealer uses. `reload_grace` is the longest time
        that a server may take to read a new ring, plus what its clock may be slow, 0 to 34 560 000.
        Raises CallerError leeway_range, clock_range or no_clock, ttl_range, grace_range, in this
        order.

        `ends_before_its_tokens`: the entry's last tokens outlive its accept_until.
        `takes_over_too_soon`: a server may still lack the entry when it begins to seal.
        `far_in_future`: one of its times is more than 100 years away, probably milliseconds.
        """
        check_leeway(leeway)
        now = check_now(now)
        check_ttl(longest_ttl)
        check_reload_grace(reload_grace)
        # Sorted once: looking for each successor in the whole ring would be quadratic.
        starts = sorted({entry.seal_from for entry in self._entries})
        successor = dict(pairwise(starts))
        seals_now = self._sealing_position(now) is not None
        found: list[RotationWarning] = []
        for position, entry in enumerate(self._entries):
            after = successor.get(entry.seal_from)
            needed = 0 if after is None else after + longest_ttl + reload_grace
            end = entry.accept_until
            if end is not None and now < end < needed:
                found.append(RotationWarning(position, "ends_before_its_tokens"))
            if seals_now and now < entry.seal_from < now + reload_grace + leeway:
                found.append(RotationWarning(position, "takes_over_too_soon"))
            if max(entry.seal_from, end or 0) > now + FAR_FUTURE:
                found.append(RotationWarning(position, "far_in_future"))
        return tuple(found)

    def _sealing_position(self, now: int) -> int | None:
        best: int | None = None
        for position, entry in enumerate(self._entries):
            begun = entry.seal_from <= now
            if begun and (best is None or entry.seal_from > self._entries[best].seal_from):
                best = position
        # No fall-back to an older key when it has ended: that would undo a rotation ([RING-07]).
        return best if best is not None and self._entries[best].accepted(now) else None

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"Keyring({len(self._entries)} entries)"


def _fault(entry: Entry, seen: set[Key]) -> str | None:
    times = [entry.seal_from]
    if entry.accept_until is not None:
        times.append(entry.accept_until)
    if not all(is_integer(time) and 0 <= time < TIME_END for time in times):
        return "keyring_time"
    if entry.accept_until is not None and entry.seal_from >= entry.accept_until:
        return "keyring_window"
    return "key_duplicate" if entry.key in seen else None


def _from_any(text: str | bytes, *, test_keys: bool) -> Keyring:
    if isinstance(text, str):
        # A lone surrogate becomes bytes that are not UTF-8, and is refused below as such.
        data = text.encode("utf-8", "surrogatepass")
    elif isinstance(text, bytes):
        data = text
    else:
        raise TypeError(f"a keyring text must be str or bytes, not {type(text).__name__}")
    # The readers are generators: Keyring() pulls and checks one entry after the other ([RING-06]).
    if data.lstrip(_SPACE)[:1] == b"{":
        members = _document(data)
        if members is None:
            raise InvalidKeyring("keyring_format")
        return Keyring(_read_members(members, test_keys))
    return Keyring(_read_items(data, test_keys))


def _read_items(data: bytes, test_keys: bool) -> Iterator[Entry]:
    items = (item for item in _SEPARATORS.split(data) if item)
    for position, item in enumerate(items):
        # latin-1 never fails; what is beyond ASCII is then no key text.
        yield Entry(_key(item.decode("latin-1"), position, test_keys))


def _read_members(members: list[dict[str, object]], test_keys: bool) -> Iterator[Entry]:
    for position, member in enumerate(members):
        key = _key(member["key"], position, test_keys)
        seal_from = _time(member.get("seal_from", 0.0), position)
        if "accept_until" in member:
            yield Entry(key, seal_from, _time(member["accept_until"], position))
        else:
            yield Entry(key, seal_from)


def _key(text: object, position: int, test_keys: bool) -> Key:
    code = "key_format"  # [RING-13]
    if isinstance(text, str):
        try:
            return _from_text(text, test_keys=test_keys)
        except InvalidKey as refusal:
            code = refusal.code
    raise InvalidKeyring(code, position)


def _time(value: object, position: int) -> int:
    """A time of a document: every JSON number was read as binary64 ([RING-14])."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise InvalidKeyring("keyring_time", position)


def _document(data: bytes) -> list[dict[str, object]] | None:
    """The members of a keyring document, or None for keyring_format ([RING-12])."""
    document = parse(data, integer=float, fraction=float)
    if document is None:
        return None
    root = document.value
    if not isinstance(root, dict) or root.keys() != {"cretula", "keys"}:
        return None
    members = root["keys"]
    if root["cretula"] != "keyring-v1" or not isinstance(members, list):
        return None
    for member in members:
        if not isinstance(member, dict) or "key" not in member:
            return None
        if not member.keys() <= {"key", "seal_from", "accept_until"}:
            return None
        if any(isinstance(value, (dict, list)) for value in member.values()):
            return None
    return members
