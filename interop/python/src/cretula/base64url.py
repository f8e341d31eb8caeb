"""Strict base64url without padding (spec §7.1)."""

from __future__ import annotations

import base64
import binascii
from typing import Final

ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
# By the length modulo 4: the last characters that have no unused low bit set.
_LAST: Final = (ALPHABET, b"", b"AQgw", b"AEIMQUYcgkosw048")


def encode(data: bytes) -> str:
    """The one text of data ([TEXT-01]): ceil(4/3 of its bytes) characters, no padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: bytes) -> bytes | None:
    """The bytes of a canonical text, or None for every other text ([TEXT-02])."""
    # The library skips characters outside the alphabet and takes '+' and '/', so that one token
    # would have many spellings and pass a deny-list of spent tokens. Look before it does.
    if len(text) % 4 == 1 or text.translate(None, ALPHABET):
        return None
    # It also ignores unused low bits of the last character.
    if text[-1:] not in _LAST[len(text) % 4]:
        return None
    return binascii.a2b_base64(text.translate(_STANDARD) + b"=" * (-len(text) % 4))
