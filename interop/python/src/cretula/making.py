"""Sealing and signing (spec §9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import base64url, strict_json
from .bound import Bound, Ring
from .derive import Context, Derived
from .errors import CallerError
from .key import random_bytes
from .keyring import Keyring
from .limits import (
    IV_BYTES,
    KIND_SEALED,
    KIND_SIGNED,
    LIMIT_DEFAULT,
    MAGIC_SEALED,
    MAGIC_SIGNED,
    SALT_BYTES,
    SEALED_MIN_BYTES,
    SIGNED_MIN_BYTES,
    SUBKEY_LABEL,
    check_limit,
    check_now,
    check_ttl,
)


def derive_subkey(keys: Derived, salt: bytes) -> bytes:
    """The AES key, 32 bytes, of one sealed token with this salt of 12 bytes (§9 step 8)."""
    return keys.hmac(SUBKEY_LABEL + salt + b"\x01")


class _Maker(Bound):
    _min_bytes: ClassVar[int]

    def __init__(self, keyring: Keyring, context: Context, *, limit: int = LIMIT_DEFAULT) -> None:
        self._limit = check_limit(limit)
        super().__init__(keyring, context)

    def _prepare(
        self, payload: bytes, ttl: int, now: int | None, ring: Ring | None = None
    ) -> tuple[Derived, bytes]:
        """Steps 2 to 5, in this order ([SEAL-02], [SIGN-02]); the keys and the body.

        A call that comes here twice gives the ring that it began with ([RING-17]).
        """
        if not isinstance(payload, bytes):
            raise TypeError(f"payload must be bytes, not {type(payload).__name__}")
        now = check_now(now, self._clock)
        check_ttl(ttl)
        ring = ring or self._ring
        position = ring.keyring._sealing_position(now)
        if position is None:
            raise CallerError("no_sealing_key")
        # ceil(4/3 of the bytes), from the length alone: nothing is built to be thrown away.
        if ((self._min_bytes + len(payload)) * 4 + 2) // 3 > self._limit:
            raise CallerError("result_too_long")
        body = now.to_bytes(6, "big") + ttl.to_bytes(4, "big") + payload
        return ring.derived[position], body


class Sealer(_Maker):
    """Makes sealed tokens: the holder can neither read nor change them.

    `limit` is the longest token in characters, 1 to 16 777 216, not above that of the openers; a
    browser keeps cookies of at most 4 096, name included. Raises CallerError limit_range.
    """

    _kind = KIND_SEALED
    _min_bytes = SEALED_MIN_BYTES

    def seal(self, payload: bytes, *, ttl: int, now: int | None = None) -> str:
        """Seal payload, 0 or more bytes, for ttl seconds, 1 to 34 560 000 (§9).

        `now` is in seconds since the epoch; None is the system clock. Returns the token, ASCII
        characters of base64url, ceil((85 + n) * 4 / 3) for n bytes. Raises CallerError clock_range
        or no_clock, ttl_range, no_sealing_key, result_too_long, no_randomness, in this order.
        """
        return self._seal(payload, ttl, now, random_bytes)

    def seal_json(self, value: object, *, ttl: int, now: int | None = None) -> str:
        """Seal value as UTF-8 JSON. Raises CallerError payload_unserializable, then as seal()."""
        return self.seal(_json_payload(value), ttl=ttl, now=now)

    def _seal(
        self,
        payload: bytes,
        ttl: int,
        now: int | None,
        random: Callable[[int], bytes],
        ring: Ring | None = None,
    ) -> str:
        keys, body = self._prepare(payload, ttl, now, ring)
        # Both fresh from the system for every token; nothing is kept that a fork or a resumed
        # snapshot could use twice, since one repeat of (salt, iv) gives payloads away (§14.5).
        fresh = random(SALT_BYTES + IV_BYTES)
        salt, iv = fresh[:SALT_BYTES], fresh[SALT_BYTES:]
        aad = MAGIC_SEALED + keys.key_id + salt
        ciphertext_and_tag = AESGCM(derive_subkey(keys, salt)).encrypt(iv, body, aad)
        return base64url.encode(aad + iv + ciphertext_and_tag)


class Signer(_Maker):
    """Makes signed tokens: the holder can read them and not change them.

    `limit` is the longest token in characters, 1 to 16 777 216. Raises CallerError limit_range.
    """

    _kind = KIND_SIGNED
    _min_bytes = SIGNED_MIN_BYTES

    def sign(self, payload: bytes, *, ttl: int, now: int | None = None) -> str:
        """Sign payload, 0 or more bytes, for ttl seconds, 1 to 34 560 000 (§9).

        `now` is in seconds since the epoch; None is the system clock. Returns the token, ASCII
        characters of base64url, ceil((77 + n) * 4 / 3) for n bytes; the same input gives the same
        token. Raises CallerError clock_range or no_clock, ttl_range, no_sealing_key,
        result_too_long, in this order.
        """
        keys, body = self._prepare(payload, ttl, now)
        message = MAGIC_SIGNED + keys.key_id + body
        return base64url.encode(message + keys.hmac(message))

    def sign_json(self, value: object, *, ttl: int, now: int | None = None) -> str:
        """Sign value as UTF-8 JSON. Raises CallerError payload_unserializable, then as sign()."""
        return self.sign(_json_payload(value), ttl=ttl, now=now)


def _json_payload(value: object) -> bytes:
    payload = strict_json.write(value)
    if payload is None:
        raise CallerError("payload_unserializable")
    return payload
