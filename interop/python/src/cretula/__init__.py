"""Cretula v1: sealed and signed tokens for web sessions, and the sessions themselves.

    site = Site(Keyring.from_env("CRETULA_KEYS"), "shop.example")
    token = site.sealer("invitation").seal(b"user 17", ttl=3600)
    opened = site.unsealer("invitation").unseal(token)   # InvalidToken: refused

`site.sessions()` keeps sessions in cookies, `SessionProfile` anywhere else; `cretula.wsgi` and
`cretula.asgi` stand between them and a server.

Times and durations are whole seconds. Every refusal is a CretulaError with a `code` of spec §12; an
argument of a wrong type is a TypeError.
"""

from .binding import CookieCommit, DeviceRequest, DeviceResponse, Sessions, TokenCookie
from .cookie import Cookie, Previous, check_cookies
from .derive import Context
from .device import DeviceBinding
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
from .site import Site

__all__ = [
    "CallerError",
    "Commit",
    "Context",
    "Cookie",
    "CookieCommit",
    "CookieTooLarge",
    "CretulaError",
    "DeviceBinding",
    "DeviceRequest",
    "DeviceResponse",
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
    "Site",
    "TokenCookie",
    "Unsealer",
    "Verifier",
    "check_cookies",
]
