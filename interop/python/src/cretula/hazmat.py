"""For running vectors and tests only ([KEY-07], [SEAL-06]). Never use these in a server.

Test keys are published, and a salt and iv that are not fresh give payloads away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from .binding import CookieCommit, DeviceRequest, DeviceResponse, Sessions
from .key import Key, _from_bytes, _from_text
from .keyring import Keyring, _from_any
from .limits import IV_BYTES, SALT_BYTES, SID_CHARACTERS
from .making import Sealer
from .profile import Commit, SessionProfile, _Random
from .session import Session


def key_from_text(text: str) -> Key:
    """As Key.from_text(), but accepts test keys."""
    return _from_text(text, test_keys=True)


def key_from_bytes(raw: bytes) -> Key:
    """As Key.from_bytes(), but accepts test keys."""
    return _from_bytes(raw, test_keys=True)


def keyring_from_text(text: str | bytes) -> Keyring:
    """As Keyring.from_text(), but accepts test keys."""
    return _from_any(text, test_keys=True)


def seal_with_fixed_salt_and_iv(
    sealer: Sealer, payload: bytes, *, ttl: int, now: int, salt: bytes, iv: bytes
) -> str:
    """As Sealer.seal(), but with this salt and this iv, 12 bytes each. ValueError if not 12."""
    if len(salt) != SALT_BYTES or len(iv) != IV_BYTES:
        raise ValueError("salt and iv must be 12 bytes each")
    return sealer._seal(payload, ttl, now, lambda _: salt + iv)


def commit_with_fixed_random(
    sessions: SessionProfile,
    session: Session,
    *,
    now: int,
    sid: str | None = None,
    salt: bytes | None = None,
    iv: bytes | None = None,
) -> Commit:
    """As SessionProfile.commit(), with these values where it draws. ValueError for one it lacks."""
    now = sessions._admit(session, now)
    return sessions._commit(session, now, _fixed(sid, salt, iv, None))


def commit_cookies_with_fixed_random(
    sessions: Sessions,
    session: Session,
    *,
    now: int,
    cache_control: str | None = None,
    sid: str | None = None,
    salt: bytes | None = None,
    iv: bytes | None = None,
    part_id: str | None = None,
    tokens: Mapping[str, bytes] | None = None,
) -> CookieCommit:
    """As Sessions.commit(), likewise; `part_id` is the id of a token in two cookies.

    `tokens` are salt and iv of the `challenge`.
    """
    return sessions._commit(session, now, cache_control, _fixed(sid, salt, iv, part_id, tokens))


def respond_with_fixed_random(
    request: DeviceRequest,
    session: Session | None = None,
    *,
    sid: str | None = None,
    salt: bytes | None = None,
    iv: bytes | None = None,
    part_id: str | None = None,
    tokens: Mapping[str, bytes] | None = None,
) -> DeviceResponse:
    """As DeviceRequest.respond(), likewise; `tokens` are salt and iv by the token's name."""
    return request._respond(session, _fixed(sid, salt, iv, part_id, tokens))


def _fixed(
    sid: str | None,
    salt: bytes | None,
    iv: bytes | None,
    part_id: str | None,
    tokens: Mapping[str, bytes] | None = None,
) -> _Random:
    given = tokens or {}
    return _Random(
        token=lambda name, count: _given(given.get(name, b""), count),
        octets=lambda count: _given((salt or b"") + (iv or b""), count),
        sid=lambda: _given(sid or "", SID_CHARACTERS),
        part_id=lambda: _given(part_id or "", 8),
    )


_Text = TypeVar("_Text", str, bytes)


def _given(value: _Text, length: int) -> _Text:
    if len(value) != length:
        raise ValueError("the commit draws a value that was not given, or has another length")
    return value
