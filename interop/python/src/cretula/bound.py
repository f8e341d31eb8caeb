"""What makers and openers share: a ring, with the keys derived for one kind and one context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .derive import Context, Derived, derive
from .keyring import Entry, Keyring


@dataclass(frozen=True, repr=False)
class Ring:
    """A keyring and what each of its entries derives to, exchanged as one object."""

    keyring: Keyring
    derived: tuple[Derived, ...]
    by_key_id: dict[bytes, tuple[Entry, Derived]]

    @classmethod
    def of(cls, keyring: Keyring, kind: bytes, context: Context) -> Ring:
        """Derive every entry, here and not for each token (§6)."""
        if not isinstance(keyring, Keyring):
            raise TypeError(f"keyring must be a Keyring, not {type(keyring).__name__}")
        derived = tuple(derive(entry.key, kind, context) for entry in keyring.entries)
        pairs = zip(keyring.entries, derived, strict=True)
        return cls(keyring, derived, {pair[1].key_id: pair for pair in pairs})


class Bound:
    """Base of the four token classes. Objects may be shared between threads."""

    _kind: ClassVar[bytes]
    _context: Context
    _ring: Ring

    def __init__(self, keyring: Keyring, context: Context) -> None:
        if not isinstance(context, Context):
            raise TypeError(f"context must be a Context, not {type(context).__name__}")
        self._context = context
        self._ring = Ring.of(keyring, self._kind, context)

    @property
    def keyring(self) -> Keyring:
        """The ring in force."""
        return self._ring.keyring

    def replace_keyring(self, keyring: Keyring) -> None:
        """Put another ring in force, whole or not at all ([RING-16], [RING-17]).

        A refused ring never becomes a Keyring, so the old one stays in force while its error is
        handled. A call that runs in another thread at this moment ends with the ring it began with.
        """
        # One assignment, after all derivation: no call can meet half of each ring.
        self._ring = Ring.of(keyring, self._kind, self._context)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._context!r}, {self.keyring!r})"
