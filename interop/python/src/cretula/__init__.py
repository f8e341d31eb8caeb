"""Cretula v1: sealed and signed tokens for web sessions, and the sessions themselves.

    ring = Keyring.from_text(os.environ["CRETULA_KEYS"])
    context = Context(audience="shop.example", purpose="session")
    token = Sealer(ring, context).seal(b"user 17", ttl=3600)
    opened = Unsealer(ring, context).unseal(token)   # InvalidToken: no session

`cretula.cookie` keeps sessions in cookies, `cretula.session` anywhere else.

Times and durations are whole seconds. Every refusal is a CretulaError with a `code` of spec §12; an
argument of a wrong type is a TypeError.
"""

from .cookie import Cookie, CookieCommit, Previous, Sessions, TokenCookie, check_cookies
from .derive import Context
from .errors import (
    CallerError,
    CookieTooLarge,
    CretulaError,
    InvalidKey,
    InvalidKeyring,
    InvalidToken,
)
from .key import Key
from .keyring import Entry, Keyring, RotationWarning
from .making import Sealer, Signer
from .opening import Opened, Unsealer, Verifier
from .session import Commit, Ended, Opening, Policy, Session, SessionProfile

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
    "Opened",
    "Opening",
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
