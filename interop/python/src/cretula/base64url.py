"""Strict base64url without padding (spec §7.1)."""

from __future__ import annotations

import base64
from typing import Final

ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def encode(data: bytes) -> str:
    """The one text of data ([TEXT-01]): ceil(4/3 of its bytes) characters, no padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: bytes) -> bytes | None:
    """The bytes of a canonical text, or None for every other text ([TEXT-02])."""
    # The library skips characters outside the alphabet and takes '+' and '/', so that one token
    # would have many spellings and pass a deny-list of spent tokens. Look before it does.
    if len(text) % 4 == 1 or text.translate(None, ALPHABET):
        return None
    data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    # It also ignores unused low bits of the last character; only the text written back shows them.
    return data if encode(data).encode("ascii") == text else None
