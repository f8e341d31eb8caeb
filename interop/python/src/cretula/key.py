"""Master keys (spec §4)."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from typing import Final

from .errors import CallerError, InvalidKey
from .limits import KEY_PREFIX, MASTER_KEY_BYTES, TEST_KEY_PREFIX

_TEXT: Final = re.compile(r"cretula_key1_([0-9a-f]{64})_([0-9a-f]{8})")


def random_bytes(count: int) -> bytes:
    """count bytes from the operating system.

    Raises CallerError no_randomness if there are none ([SEAL-04], [KEY-03]).
    """
    try:
        return os.urandom(count)
    except (OSError, NotImplementedError):
        pass
    raise CallerError("no_randomness")


def _checksum(body: str) -> str:
    return hashlib.sha256(body.encode("ascii")).hexdigest()[:8]


class Key:
    """A master key: 32 secret bytes. Never shown by repr ([KEY-08])."""

    __slots__ = ("_raw",)
    _raw: bytes

    def __init__(self) -> None:
        raise TypeError("use Key.generate(), Key.from_text() or Key.from_bytes()")

    @classmethod
    def generate(cls) -> Key:
        """Make a fresh random key ([KEY-03]). Raises CallerError no_randomness."""
        return cls.from_bytes(random_bytes(MASTER_KEY_BYTES))

    @classmethod
    def from_text(cls, text: str) -> Key:
        """Read a key text of 86 characters, exactly as written: no trimming, no upper case (§4.2).

        Raises InvalidKey key_format, key_checksum, key_zero, key_test, in this order.
        """
        return _from_text(text, test_keys=False)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Key:
        """Take 32 bytes as a key (§4.1).

        Raises InvalidKey key_format (not 32 bytes), key_zero, key_test, in this order.
        """
        return _from_bytes(raw, test_keys=False)

    def to_bytes(self) -> bytes:
        """The 32 secret bytes."""
        return self._raw

    def to_text(self) -> str:
        """The secret key text, 86 characters, for a configuration or secret store ([KEY-04])."""
        body = KEY_PREFIX + self._raw.hex()
        return f"{body}_{_checksum(body)}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and hmac.compare_digest(self._raw, other._raw)

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return "Key(secret)"


def _from_bytes(raw: bytes, *, test_keys: bool) -> Key:
    if not isinstance(raw, bytes):
        raise TypeError(f"a key must be bytes, not {type(raw).__name__}")
    if len(raw) != MASTER_KEY_BYTES:
        raise InvalidKey("key_format")
    if not any(raw):
        raise InvalidKey("key_zero")
    # Test keys are published: whoever reads the vectors could forge every session ([KEY-07]).
    if raw.startswith(TEST_KEY_PREFIX) and not test_keys:
        raise InvalidKey("key_test")
    key = object.__new__(Key)
    key._raw = raw
    return key


def _from_text(text: str, *, test_keys: bool) -> Key:
    if not isinstance(text, str):
        raise TypeError(f"a key text must be str, not {type(text).__name__}")
    # fullmatch, since '$' would let a trailing line feed pass.
    match = _TEXT.fullmatch(text)
    if match is None:
        raise InvalidKey("key_format")
    digits, checksum = match.groups()
    if not hmac.compare_digest(_checksum(KEY_PREFIX + digits), checksum):
        raise InvalidKey("key_checksum")
    return _from_bytes(bytes.fromhex(digits), test_keys=test_keys)
