"""Context and derivation (spec §5, §6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import CallerError
from .key import Key
from .limits import CONTEXT_FIELD_MAX, INFO_LABEL, KEY_ID_BYTES, WORKING_KEY_BYTES


@dataclass(frozen=True)
class Context:
    """What a token is made for: bound into every key, never sent (spec §5).

    `audience` is the service or group of services that share the session, `purpose` what the token
    is for. Each 1 to 255 characters from 0x21 to 0x7E, taken as they are; case matters. Take them
    from configuration, never from a request. Raises CallerError context_invalid ([CTX-01]).
    """

    audience: str
    purpose: str

    def __post_init__(self) -> None:
        for name, value in (("audience", self.audience), ("purpose", self.purpose)):
            if not isinstance(value, str):
                raise TypeError(f"{name} must be str, not {type(value).__name__}")
        for value in (self.audience, self.purpose):
            fits = 1 <= len(value) <= CONTEXT_FIELD_MAX
            if not fits or not all("\x21" <= character <= "\x7e" for character in value):
                raise CallerError("context_invalid")


_SHA256: Final = SHA256()


@dataclass(frozen=True)
class Derived:
    """What one (master key, kind, context) yields: 32 secret bytes and 32 public ones."""

    working_key: bytes = field(repr=False)
    key_id: bytes
    _keyed: HMAC = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_keyed", HMAC(self.working_key, _SHA256))

    def hmac(self, message: bytes) -> bytes:
        """HMAC-SHA256 of a message under the working key, 32 bytes."""
        # A copy of one that has the key already takes a third of the time of a new one.
        keyed = self._keyed.copy()
        keyed.update(message)
        return keyed.finalize()


def derive(key: Key, kind: bytes, context: Context) -> Derived:
    """HKDF-SHA256 as in spec §6 ([DERIVE-01]). `kind` is KIND_SEALED or KIND_SIGNED."""
    audience = context.audience.encode("ascii")
    purpose = context.purpose.encode("ascii")
    # A length before each field: without it ("ab", "c") and ("a", "bc") would share their keys.
    info = b"".join(
        (
            INFO_LABEL,
            b"\x00",
            kind,
            bytes((len(audience),)),
            audience,
            bytes((len(purpose),)),
            purpose,
        )
    )
    length = WORKING_KEY_BYTES + KEY_ID_BYTES
    okm = HKDF(algorithm=_SHA256, length=length, salt=None, info=info).derive(key.to_bytes())
    return Derived(okm[:WORKING_KEY_BYTES], okm[WORKING_KEY_BYTES:])
