"""For running vectors and tests only ([KEY-07], [SEAL-06]). Never use these in a server.

Test keys are published, and a salt and iv that are not fresh give payloads away.
"""

from __future__ import annotations

from .key import Key, _from_bytes, _from_text
from .keyring import Keyring, _from_any
from .limits import IV_BYTES, SALT_BYTES
from .making import Sealer


def key_from_text(text: str) -> Key:
    """As Key.from_text(), but accepts test keys."""
    return _from_text(text, test_keys=True)


def key_from_bytes(raw: bytes) -> Key:
    """As Key.from_bytes(), but accepts test keys."""
    return _from_bytes(raw, test_keys=True)


def keyring_from_text(text: str | bytes) -> Keyring:
    """As Keyring.from_text(), but accepts test keys."""
    return _from_any(text, test_keys=True)


def seal_with_fixed_salt_and_iv(
    sealer: Sealer, payload: bytes, *, ttl: int, now: int, salt: bytes, iv: bytes
) -> str:
    """As Sealer.seal(), but with this salt and this iv, 12 bytes each. ValueError if not 12."""
    if len(salt) != SALT_BYTES or len(iv) != IV_BYTES:
        raise ValueError("salt and iv must be 12 bytes each")
    return sealer._seal(payload, ttl, now, lambda _: salt + iv)
