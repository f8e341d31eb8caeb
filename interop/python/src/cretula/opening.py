"""Unsealing and verifying (spec §10)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Generic, TypeVar, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import base64url, strict_json
from .bound import Bound, Ring
from .derive import Context, Derived
from .errors import InvalidToken
from .keyring import Keyring
from .limits import (
    HMAC_TAG_BYTES,
    KIND_SEALED,
    KIND_SIGNED,
    LEEWAY_DEFAULT,
    LIFE_MAX,
    LIMIT_DEFAULT,
    MAGIC_SEALED,
    MAGIC_SIGNED,
    SEALED_MIN_BYTES,
    SIGNED_MIN_BYTES,
    check_leeway,
    check_limit,
    check_max_age,
    check_now,
)
from .making import derive_subkey

_MAGIC_TEXTS: Final = (
    base64url.encode(MAGIC_SEALED).encode("ascii"),
    base64url.encode(MAGIC_SIGNED).encode("ascii"),
)

P = TypeVar("P")


@dataclass(frozen=True, init=False)
class Opened(Generic[P]):
    """An authentic token that is alive ([OPEN-14]). repr does not show the payload.

    `payload` is bytes, from the JSON calls the parsed value. Times are in seconds. `expires_at` is
    issued_at + min(ttl, max_age): the first second at which the token is dead. `key_id` are 32
    public bytes. `sealing_key` tells whether its key is the one that seals now; if not, make a new
    token, so that the old key can end.
    """

    payload: P = field(repr=False)
    issued_at: int
    ttl: int
    expires_at: int
    key_id: bytes
    sealing_key: bool

    def __init__(
        self,
        payload: P,
        issued_at: int,
        ttl: int,
        expires_at: int,
        key_id: bytes,
        sealing_key: bool,
    ) -> None:
        # All at once: the __init__ that a frozen dataclass gets sets each by a call of its own.
        vars(self).update(
            payload=payload,
            issued_at=issued_at,
            ttl=ttl,
            expires_at=expires_at,
            key_id=key_id,
            sealing_key=sealing_key,
        )


class _Opener(Bound):
    _magic_text: ClassVar[bytes]
    _min_bytes: ClassVar[int]

    def __init__(
        self,
        keyring: Keyring,
        context: Context,
        *,
        max_age: int = LIFE_MAX,
        leeway: int = LEEWAY_DEFAULT,
        limit: int = LIMIT_DEFAULT,
    ) -> None:
        # In the order of [TIME-01].
        self._limit = check_limit(limit)
        self._leeway = check_leeway(leeway)
        self._max_age = check_max_age(max_age)
        super().__init__(keyring, context)

    def _open(self, token: str | bytes, now: int | None) -> Opened[bytes]:
        if not isinstance(token, (str, bytes)):
            raise TypeError(f"token must be str or bytes, not {type(token).__name__}")
        outcome = self._steps(token, check_now(now, self._clock), self._ring)
        # Raised here and not where it is found: tracebacks carry the variables of their frames to
        # error reporters, and the frames below hold the body of a token that is over ([OPEN-12]).
        if isinstance(outcome, str):
            raise InvalidToken(outcome)
        return outcome

    def _open_json(self, token: str | bytes, now: int | None) -> Opened[Any]:
        opened = self._open(token, now)
        document = strict_json.parse(opened.payload)
        if document is None:
            del opened  # for the same reason
            raise InvalidToken("payload_invalid")
        return replace(cast("Opened[Any]", opened), payload=document.value)

    def _steps(self, token: str | bytes, now: int, ring: Ring) -> Opened[bytes] | str:
        """Steps 1 to 8 of spec §10, in this order ([OPEN-01]); the code of the first that fails."""
        # A character is one octet or more, so this bounds what encode() allocates ([OPEN-02]).
        if len(token) > self._limit:
            return "too_long"
        # A lone surrogate has no UTF-8 form; counted as three octets it is refused like others.
        text = token.encode("utf-8", "surrogatepass") if isinstance(token, str) else token
        if len(text) > self._limit:
            return "too_long"
        if text[:4] != self._magic_text:
            return _foreign(text[:4])
        data = base64url.decode(text)
        if data is None:
            return "encoding"
        if len(data) < self._min_bytes:
            return "too_short"
        # All 32 bytes, and no other key is tried: GCM alone does not commit to a key ([OPEN-06]).
        found = ring.by_key_id.get(data[3:35])
        if found is None:
            return "unknown_key"
        entry, keys = found
        if not entry.accepted(now):
            return "key_inactive"
        body = self._authenticate(keys, data)
        if body is None:
            return "auth_failed"
        issued_at = int.from_bytes(body[:6], "big")
        ttl = int.from_bytes(body[6:10], "big")
        if issued_at > now + self._leeway:
            return "issued_in_future"
        # An authentic token with such a ttl comes from a faulty sealer ([OPEN-11]).
        if not 1 <= ttl <= LIFE_MAX:
            return "expired"
        expires_at = issued_at + min(ttl, self._max_age)
        if now >= expires_at:
            return "expired"
        position = ring.keyring._sealing_position(now)
        seals = position is not None and ring.keyring.entries[position] is entry
        return Opened(body[10:], issued_at, ttl, expires_at, keys.key_id, seals)

    def _authenticate(self, keys: Derived, data: bytes) -> bytes | None:
        """Step 6: the body, or None if the tag does not match."""
        raise NotImplementedError


class Unsealer(_Opener):
    """Opens sealed tokens, and no signed ones ([OPEN-13]).

    `max_age` bounds a token's life in seconds whatever its ttl, 1 to 34 560 000. `leeway` forgives
    an issuer whose clock is ahead, 0 to 300 seconds. `limit` is the longest token in octets, 1 to
    16 777 216. Raises CallerError limit_range, leeway_range, max_age_range.
    """

    _kind = KIND_SEALED
    _magic_text = _MAGIC_TEXTS[0]
    _min_bytes = SEALED_MIN_BYTES

    def unseal(self, token: str | bytes, *, now: int | None = None) -> Opened[bytes]:
        """Open a sealed token, as the cookie's value gives it (§10). Any content is safe.

        `now` is in seconds since the epoch; None is the system clock. Raises CallerError
        clock_range or no_clock, then InvalidToken too_long, unsupported_version, wrong_kind,
        not_a_token, encoding, too_short, unknown_key, key_inactive, auth_failed, issued_in_future,
        expired: the first that applies. Answer them alike: no session.
        """
        return self._open(token, now)

    def unseal_json(self, token: str | bytes, *, now: int | None = None) -> Opened[Any]:
        """As unseal(), the payload read as strict JSON; InvalidToken payload_invalid if it is not.

        Strict: UTF-8, no name twice in an object, no lone surrogates, only finite numbers.
        """
        return self._open_json(token, now)

    def _authenticate(self, keys: Derived, data: bytes) -> bytes | None:
        # The AAD is magic, key_id and salt, 47 bytes; the library takes the last 16 as the tag.
        cipher = AESGCM(derive_subkey(keys, data[35:47]))
        try:
            return cipher.decrypt(data[47:59], data[59:], data[:47])
        except InvalidTag:
            return None


class Verifier(_Opener):
    """Opens signed tokens, and no sealed ones ([OPEN-13]). Parameters as for Unsealer."""

    _kind = KIND_SIGNED
    _magic_text = _MAGIC_TEXTS[1]
    _min_bytes = SIGNED_MIN_BYTES

    def verify(self, token: str | bytes, *, now: int | None = None) -> Opened[bytes]:
        """Open a signed token (§10). Arguments and errors as for Unsealer.unseal()."""
        return self._open(token, now)

    def verify_json(self, token: str | bytes, *, now: int | None = None) -> Opened[Any]:
        """As verify(), the payload read as strict JSON; InvalidToken payload_invalid if not."""
        return self._open_json(token, now)

    def _authenticate(self, keys: Derived, data: bytes) -> bytes | None:
        message, tag = data[:-HMAC_TAG_BYTES], data[-HMAC_TAG_BYTES:]
        expected = keys.hmac(message)
        # '==' stops at the first difference and tells a forger how far a guess is right.
        return message[35:] if hmac.compare_digest(expected, tag) else None


def _foreign(start: bytes) -> str:
    """Step 2: why text that does not begin as expected is refused ([OPEN-03])."""
    if start[:3] in (b"CrE", b"CrS") and len(start) == 4:
        if start in _MAGIC_TEXTS:
            return "wrong_kind"
        if start[3:] in base64url.ALPHABET:
            return "unsupported_version"
    return "not_a_token"
