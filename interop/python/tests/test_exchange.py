"""Exchange of the ring under running calls, and derivation once (spec §11.5, §6)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cretula import (
    Cookie,
    Entry,
    InvalidKeyring,
    InvalidToken,
    Key,
    Keyring,
    Sealer,
    SessionProfile,
    Sessions,
    Site,
    TokenCookie,
    Unsealer,
    bound,
    hazmat,
)
from cretula.derive import derive
from support import CONTEXT, NOW, SEALER, code, key, ring


def test_exchange() -> None:
    opener, maker = Unsealer(ring(1), CONTEXT), Sealer(ring(1), CONTEXT)
    old = maker.seal(b"old", ttl=9, now=NOW)
    both = ring(2, 1)
    opener.replace_keyring(both)
    maker.replace_keyring(both)
    assert opener.keyring is both
    assert not opener.unseal(old, now=NOW).sealing_key
    new = maker.seal(b"new", ttl=9, now=NOW)
    assert opener.unseal(new, now=NOW).sealing_key
    opener.replace_keyring(ring(2))
    assert code(opener.unseal, old, now=NOW) == "unknown_key"
    assert opener.unseal(new, now=NOW).payload == b"new"


def test_refused_ring_leaves_the_old_one() -> None:
    opener = Unsealer(ring(1), CONTEXT)
    token = SEALER.seal(b"", ttl=9, now=NOW)
    for text in ("{}", "", "x", key(1).to_text() + "," + key(1).to_text()):
        with pytest.raises(InvalidKeyring):
            opener.replace_keyring(hazmat.keyring_from_text(text))
        assert opener.unseal(token, now=NOW)


def test_derivation_once_for_a_key_and_context(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*arguments: object) -> object:
        calls.append(arguments)
        return derive(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(bound, "derive", counted)
    maker, opener = Sealer(ring(1, 2, 3), CONTEXT), Unsealer(ring(1, 2, 3), CONTEXT)
    assert len(calls) == 6
    for _ in range(5):
        opener.unseal(maker.seal(b"", ttl=9, now=NOW), now=NOW)
    assert len(calls) == 6


class Slow:
    """A reading that another thread waits in."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self) -> Keyring:
        self.begun.set()
        assert self.go_on.wait(60)
        return self.keyring


Live = Unsealer | Sealer | SessionProfile | Sessions | TokenCookie | Site
LIVE: list[Callable[[], Live]] = [
    lambda: Unsealer(ring(1), CONTEXT),
    lambda: Sealer(ring(1), CONTEXT),
    lambda: SessionProfile(ring(1), CONTEXT),
    lambda: Sessions(ring(1), CONTEXT),
    lambda: TokenCookie(ring(1), CONTEXT, Cookie(), ttl=60),
    lambda: Site(ring(1), "shop.example"),
]


def unreadable() -> Keyring:
    raise OSError("no file")


@pytest.mark.parametrize("made", LIVE)
def test_exchanges_in_the_order_in_which_they_began(made: Callable[[], Live]) -> None:
    """[RING-17]: a reading that took long does not replace a later one."""
    live, slow, later = made(), Slow(ring(2)), ring(3)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(live.reload_keyring, slow)
        assert slow.begun.wait(60)
        live.replace_keyring(later)
        assert live.keyring is later
        slow.go_on.set()
        reading.result(60)
        assert live.keyring is later
        # What begins now is later than both.
        live.reload_keyring(lambda: slow.keyring)
        assert live.keyring is slow.keyring


@pytest.mark.parametrize("made", LIVE)
def test_refused_exchange_holds_no_other_one_up(made: Callable[[], Live]) -> None:
    """[RING-17], [RING-16]: neither one that began earlier, nor one that begins later."""
    live, slow = made(), Slow(ring(2))
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(live.reload_keyring, slow)
        assert slow.begun.wait(60)
        before = live.keyring
        with pytest.raises(OSError, match="no file"):
            live.reload_keyring(unreadable)
        with pytest.raises(InvalidKeyring):
            live.reload_keyring(lambda: hazmat.keyring_from_text("x"))
        assert live.keyring is before
        slow.go_on.set()
        reading.result(60)
        assert live.keyring is slow.keyring
    live.replace_keyring(ring(3))
    assert live.keyring.entries == ring(3).entries


def test_derivation_that_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """[RING-17]: the order is that of the beginnings for replace_keyring() too."""
    live, begun, go_on = Unsealer(ring(1), CONTEXT), threading.Event(), threading.Event()

    def delayed(of: Key, *rest: Any) -> Any:
        if of == key(2):
            begun.set()
            assert go_on.wait(60)
        return derive(of, *rest)

    monkeypatch.setattr(bound, "derive", delayed)
    with ThreadPoolExecutor(1) as pool:
        replacing = pool.submit(live.replace_keyring, ring(2))
        assert begun.wait(60)
        live.replace_keyring(ring(3))
        go_on.set()
        replacing.result(60)
    assert live.keyring.entries == ring(3).entries


def test_sessions_open_and_seal_with_one_ring() -> None:
    """Two exchanges at once cannot leave the opener with one ring and the sealer with another."""
    profile = SessionProfile(ring(1), CONTEXT)
    rings = [ring(number) for number in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(50):
            list(pool.map(profile.replace_keyring, rings))
            assert profile._sealer.keyring is profile._unsealer.keyring


def test_exchange_under_threads() -> None:
    """Every token is of one ring or the other, whole: key id, working key and selection agree."""
    rings = [ring(1, 2), ring(2, 1), Keyring([Entry(key(2)), Entry(key(3)), Entry(key(1))])]
    maker, opener = Sealer(rings[0], CONTEXT), Unsealer(rings[0], CONTEXT)
    checker = Unsealer(ring(1, 2, 3), CONTEXT)
    stop = threading.Event()

    def exchange() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            maker.replace_keyring(rings[turn % 3])
            opener.replace_keyring(rings[(turn + 1) % 3])

    def work(number: int) -> int:
        for turn in range(300):
            payload = f"{number}/{turn}".encode()
            token = maker.seal(payload, ttl=9, now=NOW)
            assert checker.unseal(token, now=NOW).payload == payload
            assert opener.unseal(token, now=NOW).payload == payload
            with pytest.raises(InvalidToken):
                opener.unseal(token[:-1], now=NOW)
        return number

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(work, range(4))) == [0, 1, 2, 3]
    finally:
        stop.set()
        thread.join()
