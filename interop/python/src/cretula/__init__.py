"""Cretula v1: sealed and signed tokens for web sessions.

    ring = Keyring.from_text(os.environ["CRETULA_KEYS"])
    context = Context(audience="shop.example", purpose="session")
    token = Sealer(ring, context).seal(b"user 17", ttl=3600)
    opened = Unsealer(ring, context).unseal(token)   # InvalidToken: no session

Times and durations are whole seconds. Every refusal is a CretulaError with a `code` of spec §12; an
argument of a wrong type is a TypeError.
"""

from .derive import Context
from .errors import CallerError, CretulaError, InvalidKey, InvalidKeyring, InvalidToken
from .key import Key
from .keyring import Entry, Keyring, RotationWarning
from .making import Sealer, Signer
from .opening import Opened, Unsealer, Verifier

__all__ = [
    "CallerError",
    "Context",
    "CretulaError",
    "Entry",
    "InvalidKey",
    "InvalidKeyring",
    "InvalidToken",
    "Key",
    "Keyring",
    "Opened",
    "RotationWarning",
    "Sealer",
    "Signer",
    "Unsealer",
    "Verifier",
]
