"""What the tests of cookies share."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from cretula import (
    Cookie,
    CookieCommit,
    Session,
    SessionProfile,
    Sessions,
)
from support import CONTEXT, NOW, SEALER, ring

NAME = "__Host-Http-session"
SESSIONS = Sessions(ring(1), CONTEXT)
LARGE = Sessions(ring(1), CONTEXT, cookie=Cookie(large=True))
RANDOM = random.Random("cookies")


def new(sessions: Sessions = SESSIONS, fields: list[bytes] | None = None) -> Session:
    return sessions.open(fields or [], now=NOW).checked(None)


def tried(
    session: Session, sessions: Sessions = SESSIONS, now: int = NOW, **options: Any
) -> CookieCommit:
    """What a commit of the session comes to; it can be changed, and committed, after this."""
    return sessions.commit(copy.deepcopy(session), now=now, **options)


def lines(sessions: Sessions, session: Session, **options: Any) -> list[str]:
    headers = tried(session, sessions, **options).headers
    return [value for name, value in headers if name == "Set-Cookie"]


def jar(of: list[str]) -> bytes:
    return "; ".join(line.split(";")[0] for line in of).encode()


def stored(size: int = 1, sessions: Sessions = SESSIONS) -> bytes:
    """A Cookie field with a session whose data holds so many characters."""
    session = new(sessions)
    session.data["a"] = "x" * size
    return jar(lines(sessions, session))


def token_of(session: Session) -> str:
    """The token without regard to cookies."""
    return SessionProfile(ring(1), CONTEXT).commit(copy.deepcopy(session), now=NOW).token or ""


def reason(fields: list[bytes], sessions: Sessions = SESSIONS) -> str | None:
    return sessions.open(fields, now=NOW).unchecked().reason


def made(rev: int = 1, end: int = NOW + 86_400, now: int = NOW, ttl: int = 1800) -> bytes:
    """A token of a session as another server might have made it."""
    members = {"sid": "A" * 22, "start": min(now, NOW), "end": end, "rev": rev}
    return SEALER.seal(json.dumps(members).encode(), ttl=ttl, now=now).encode()
