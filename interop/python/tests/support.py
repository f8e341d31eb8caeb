"""What the tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import pytest

from cretula import (
    Context,
    CretulaError,
    Entry,
    Key,
    Keyring,
    Sealer,
    Signer,
    Unsealer,
    Verifier,
    hazmat,
)

P = ParamSpec("P")

VECTORS = Path(__file__).resolve().parents[3] / "test-vectors" / "v1"
FOLDER = Path(__file__).resolve().parents[1]

NOW = 1_790_000_000
CONTEXT = Context("shop.example", "session")


def raw_key(number: int) -> bytes:
    return b"cretula-test-key" + number.to_bytes(16, "big")


def key(number: int) -> Key:
    return hazmat.key_from_bytes(raw_key(number))


def ring(*numbers: int) -> Keyring:
    return Keyring(Entry(key(number)) for number in numbers)


def code(call: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> str:
    """The code with which this call is refused."""
    with pytest.raises(CretulaError) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


SEALER = Sealer(ring(1), CONTEXT)
UNSEALER = Unsealer(ring(1), CONTEXT)
SIGNER = Signer(ring(1), CONTEXT)
VERIFIER = Verifier(ring(1), CONTEXT)
