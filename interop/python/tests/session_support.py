"""What the tests of sessions share."""

from __future__ import annotations

import copy
import json
from typing import Any

from cretula import (
    Commit,
    Opening,
    Session,
    SessionProfile,
    Unsealer,
)
from support import CONTEXT, NOW, SEALER, ring

PROFILE = SessionProfile(ring(1), CONTEXT)
SID = "AAAAAAAAAAAAAAAAAAAAAA"
GUEST = {"sid": SID, "start": NOW, "end": NOW + 86_400, "rev": 1}
USER = {**GUEST, "sub": "ada", "gen": 7, "auth_time": NOW}
LONE = "\ud800"
LOOP: list[Any] = []
LOOP.append(LOOP)


def text_of(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def token_of(value: object, ttl: int = 1800, now: int = NOW) -> str:
    return SEALER.seal(value if isinstance(value, bytes) else text_of(value), ttl=ttl, now=now)


def opening_of(value: object, now: int = NOW, **options: Any) -> Opening:
    return PROFILE.open(token_of(value), now=now, **options)


def opened(value: object, now: int = NOW) -> Session:
    session = opening_of(value, now).unchecked()
    assert session.reason is None
    return session


def tried(session: Session, now: int = NOW, profile: SessionProfile = PROFILE) -> Commit:
    """What a commit of the session comes to; it can be changed, and committed, after this."""
    return profile.commit(copy.deepcopy(session), now=now)


def new() -> Session:
    return PROFILE.open(None, now=NOW).checked(None)


def payload(commit: Commit) -> Any:
    assert commit.payload is not None
    late = Unsealer(ring(1), CONTEXT, leeway=300)
    assert late.unseal(commit.token or "", now=NOW).payload == commit.payload.encode()
    return json.loads(commit.payload)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value
