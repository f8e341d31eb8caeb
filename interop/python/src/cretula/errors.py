"""Exceptions. Each carries one of the codes of spec §12 as `.code` ([CODE-01]).

No exception of this package names a key or a payload, in its text or in its attributes ([KEY-08],
[OPEN-12]), and none is chained to one that does.
"""

from __future__ import annotations

from typing import Final

MESSAGES: Final = {
    "too_long": "the token has more octets than the limit",
    "unsupported_version": "a token of a version that is not 1",
    "wrong_kind": "a sealed token where a signed one was expected, or the reverse",
    "not_a_token": "does not begin as a token",
    "encoding": "not canonical base64url",
    "too_short": "fewer bytes than a token of the empty payload",
    "unknown_key": "made with no key of the ring: another key, kind, audience or purpose",
    "key_inactive": "the accept_until of its key has come",
    "auth_failed": "the tag does not match",
    "issued_in_future": "issued after now + leeway",
    "expired": "its life is over, or its ttl is out of range",
    "payload_invalid": "authentic and alive, but the payload is not the expected JSON",
    "absent": "the request has no such cookie",
    "ambiguous": "several cookies of the name could be meant",
    "chunks": "the second of two cookies is missing, or there are several",
    "unproven": "bound to a device, and no proof came with it; or not bound in time",
    "unchecked": "the application's check was not answered",
    "revoked": "the user's session generation is another",
    "signed_off": "signed off in this browser, or denied by the application",
    "jwt_format": "not one JWT of three parts, with headers and claims in JSON",
    "jwt_algorithm": "typ must be dbsc+jwt, alg ES256, and no crit",
    "jwt_key": "jwk is no public key of the curve P-256",
    "jwt_signature": "the signature is not that of the key",
    "challenge_invalid": "the challenge is over, or not for this use, session or key",
    "device_mismatch": "the session is another's, or bound to another key",
    "limit_range": "limit must be 1 to 16777216 octets",
    "leeway_range": "leeway must be 0 to 300 seconds",
    "max_age_range": "max_age must be 1 to 34560000 seconds",
    "clock_range": "now must be 0 to 281474976710655 seconds",
    "ttl_range": "ttl must be 1 to 34560000 seconds",
    "grace_range": "reload_grace must be 0 to 34560000 seconds",
    "context_invalid": "audience and purpose must each be 1 to 255 characters 0x21 to 0x7E; a "
    "session is committed under the context and the policy that it was opened with",
    "committed": "the session was committed already",
    "no_sealing_key": "no entry of the ring may seal now",
    "result_too_long": "the token would be longer than the limit",
    "payload_unserializable": "the value has no JSON form that every language reads alike",
    "idle_range": "idle must be 1 to 34560000 seconds",
    "absolute_range": "absolute must be idle to 34560000 seconds",
    "recheck_range": "recheck must be 0 to 86400 seconds",
    "device_settings": "a setting of device binding is out of range",
    "user_invalid": "sub, gen or auth_time is out of range, or nobody is signed on",
    "cookie_name": "not 1 to 64 token characters, or a case variant of a prefix",
    "cookie_attributes": "browsers would drop this cookie or keep it elsewhere",
    "cookie_clash": "two cookies of one purpose or with names that meet",
    "cookie_too_large": "the session does not fit its cookie",
    "no_randomness": "the system provides no randomness",
    "no_clock": "the system provides no clock",
    "key_format": "not 32 bytes, or not a key text",
    "key_checksum": "the checksum of the key text differs: a typo",
    "key_zero": "the key is all zero",
    "key_test": "a published test key",
    "keyring_format": "not a keyring document",
    "keyring_empty": "the ring has no entry",
    "keyring_time": "a time that is no integer from 0 to 281474976710655",
    "keyring_window": "the entry ends before it begins to seal",
    "key_duplicate": "the same key stands in the ring twice",
}


class CretulaError(Exception):
    """Base of all refusals. `code` is the stable string of spec §12; the text may change."""

    code: str

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"{self.code}: {MESSAGES[self.code]}"


class InvalidToken(CretulaError):
    """A token was refused (spec §10). Answer every code alike to the client: no session."""


class CallerError(CretulaError):
    """The calling program or its machine is at fault, not a token: ranges, context, ring, clock."""


class InvalidKey(CretulaError):
    """A master key was refused (spec §4)."""


class InvalidKeyring(CretulaError):
    """A keyring was refused (spec §11).

    `entry` is the position of the offending entry, counted from 0; None for keyring_empty and
    keyring_format, which concern the whole ring ([RING-06]). The code may be one of a key's.
    `place` is where the ring was read, if from_env() did.
    """

    entry: int | None
    place: str | None

    def __init__(self, code: str, entry: int | None = None, place: str | None = None) -> None:
        super().__init__(code)
        self.args = (code, entry, place)
        self.entry = entry
        self.place = place

    def __str__(self) -> str:
        text = super().__str__()
        text = text if self.entry is None else f"{text} (entry {self.entry})"
        return text if self.place is None else f"{self.place}: {text}"


class NotNow(CretulaError):
    """The request's session may be valid in a moment, or on another server ([SESS-18]).

    `code` is the reason. The page is a 503: what the application wrote would replace that session.
    """


class PayloadUnserializable(CallerError):
    """A session holds what has no JSON form that every language reads alike ([SESS-06]).

    `member` tells where it is, such as `data['avatar']`; None where that is not known. The text
    does not show it: names may be a user's.
    """

    member: str | None

    def __init__(self, member: str | None = None) -> None:
        super().__init__("payload_unserializable")
        self.args = (member,)
        self.member = member

    def __repr__(self) -> str:
        return f"PayloadUnserializable({self.code!r})"


class CookieTooLarge(CallerError):
    """A session or token does not fit its cookie; nothing is sent ([COOK-11]).

    `over` is by how many octets; `largest` the member of data with the longest value, or None.
    """

    over: int
    largest: str | None

    def __init__(self, over: int, largest: str | None = None) -> None:
        super().__init__("cookie_too_large")
        self.args = (over, largest)
        self.over = over
        self.largest = largest

    def __str__(self) -> str:
        return f"{super().__str__()} (by {self.over} octets)"
