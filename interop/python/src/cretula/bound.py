"""What makers and openers share: a ring, with the keys derived for one kind and one context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import ClassVar

from .derive import Context, Derived, derive
from .keyring import Entry, Keyring
from .limits import Clock


@dataclass(frozen=True, repr=False)
class Ring:
    """A keyring and what each of its entries derives to, exchanged as one object."""

    keyring: Keyring
    derived: tuple[Derived, ...]
    by_key_id: dict[bytes, tuple[Entry, Derived]]
    beside: tuple[Ring, ...] = ()  # in further contexts, which one call uses together

    @classmethod
    def of(
        cls, keyring: Keyring, kind: bytes, context: Context, beside: tuple[Context, ...] = ()
    ) -> Ring:
        """Derive every entry, here and not for each token (§6)."""
        if not isinstance(keyring, Keyring):
            raise TypeError(f"keyring must be a Keyring, not {type(keyring).__name__}")
        derived = tuple(derive(entry.key, kind, context) for entry in keyring.entries)
        pairs = zip(keyring.entries, derived, strict=True)
        by_key_id = {pair[1].key_id: pair for pair in pairs}
        further = tuple(cls.of(keyring, kind, one) for one in beside)
        return cls(keyring, derived, by_key_id, further)


class LiveRing:
    """The ring in force for one kind and one context. Objects may be shared between threads."""

    def __init__(
        self, keyring: Keyring, kind: bytes, context: Context, beside: tuple[Context, ...] = ()
    ) -> None:
        self._kind = kind
        self._context = context
        self._beside = beside
        self._lock = Lock()
        self._begun = self._in_force = 0  # numbers of exchanges, in the order in which they began
        self.site: Callable[[Callable[[], Keyring]], None] | None = None  # exchanges all of a site
        self.ring = self.derive(keyring)

    def derive(self, keyring: Keyring) -> Ring:
        """The ring of another keyring, for the same contexts."""
        return Ring.of(keyring, self._kind, self._context, self._beside)

    def exchange(self, read: Callable[[], Keyring]) -> None:
        """Put the ring that read() returns in force, if no later exchange did so ([RING-17]).

        The number is taken before anything is read: an exchange that began earlier may hold an
        older document. One that fails, in read() or in deriving, holds no other one up.
        """
        if self.site is not None:
            self.site(read)
            return
        with self._lock:
            self._begun += 1
            number = self._begun
        ring = self.derive(read())
        with self._lock:
            if number > self._in_force:
                # One assignment, after all derivation: no call can meet half of each ring.
                self._in_force, self.ring = number, ring


class Bound:
    """Base of the four token classes. Objects may be shared between threads."""

    _kind: ClassVar[bytes]
    _context: Context
    _live: LiveRing
    _clock: Clock | None = None  # in the place of the system's

    def __init__(self, keyring: Keyring, context: Context) -> None:
        if not isinstance(context, Context):
            raise TypeError(f"context must be a Context, not {type(context).__name__}")
        self._context = context
        self._live = LiveRing(keyring, self._kind, context)

    @property
    def _ring(self) -> Ring:
        return self._live.ring

    @property
    def keyring(self) -> Keyring:
        """The ring in force."""
        return self._ring.keyring

    def replace_keyring(self, keyring: Keyring) -> None:
        """Put another ring in force, whole or not at all ([RING-16], [RING-17]).

        A refused ring never becomes a Keyring, so the old one stays in force while its error is
        handled. A call that runs in another thread at this moment ends with the ring it began with.
        """
        self._live.exchange(lambda: keyring)

    def reload_keyring(self, read: Callable[[], Keyring]) -> None:
        """Put the ring that read() returns in force, for threads that may read at the same time.

        Exchanges take effect in the order in which they began, and this one begins before read()
        is called: a reading that took long does not replace a later one ([RING-17]). What read()
        raises is raised, and the old ring stays in force ([RING-16]).
        """
        self._live.exchange(read)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._context!r}, {self.keyring!r})"
