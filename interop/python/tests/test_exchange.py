"""Exchange of the ring under running calls, and derivation once (spec §11.5, §6)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cretula import Entry, InvalidKeyring, InvalidToken, Keyring, Sealer, Unsealer, bound, hazmat
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
