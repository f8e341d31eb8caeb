"""Cretula v1: sealed and signed tokens for web sessions, and the sessions themselves.

    ring = Keyring.from_env("CRETULA_KEYS")
    context = Context(audience="shop.example", purpose="session")
    token = Sealer(ring, context).seal(b"user 17", ttl=3600)
    opened = Unsealer(ring, context).unseal(token)   # InvalidToken: no session

`Sessions` keeps sessions in cookies, `SessionProfile` anywhere else; `cretula.wsgi` and
`cretula.asgi` stand between them and a server.

Times and durations are whole seconds. Every refusal is a CretulaError with a `code` of spec §12; an
argument of a wrong type is a TypeError.
"""

from .binding import CookieCommit, Sessions, TokenCookie
from .cookie import Cookie, Previous, check_cookies
from .derive import Context
from .errors import (
    CallerError,
    CookieTooLarge,
    CretulaError,
    InvalidKey,
    InvalidKeyring,
    InvalidToken,
    NotNow,
    PayloadUnserializable,
)
from .key import Key
from .keyring import Entry, Keyring, RotationWarning
from .making import Sealer, Signer
from .opening import Opened, Unsealer, Verifier
from .profile import Commit, SessionProfile
from .session import Ended, Opening, Policy, Session

__all__ = [
    "CallerError",
    "Commit",
    "Context",
    "Cookie",
    "CookieCommit",
    "CookieTooLarge",
    "CretulaError",
    "Ended",
    "Entry",
    "InvalidKey",
    "InvalidKeyring",
    "InvalidToken",
    "Key",
    "Keyring",
    "NotNow",
    "Opened",
    "Opening",
    "PayloadUnserializable",
    "Policy",
    "Previous",
    "RotationWarning",
    "Sealer",
    "Session",
    "SessionProfile",
    "Sessions",
    "Signer",
    "TokenCookie",
    "Unsealer",
    "Verifier",
    "check_cookies",
]
