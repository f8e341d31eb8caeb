"""What the WSGI and the ASGI middleware share."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from .binding import CookieCommit, Sessions
from .errors import CallerError
from .session import Session

_LOG: Final = logging.getLogger("cretula")
_FAILED: Final = (
    ("Content-Type", "text/plain"),
    ("Content-Length", "0"),
    ("Vary", "Cookie"),
    ("Cache-Control", "private"),
)

Headers = list[tuple[str, str]]


def key_of(sessions: Sessions) -> str:
    """Where the session of a request stands in its environ or scope."""
    return f"cretula.{sessions.context.purpose}"


def session_of(request: Mapping[str, Any], purpose: str = "session") -> Session:
    """The session that the middleware put into this WSGI environ or ASGI scope.

    `purpose` is that of the context. Raises LookupError where no middleware of it stands before the
    application.
    """
    session = request.get(f"cretula.{purpose}")
    if not isinstance(session, Session):
        raise LookupError(f"no session of the purpose {purpose!r} in this request")
    return session


def checked(answer: object) -> Session:
    """What the application's check answered; anything but a Session is a fault of its own."""
    if not isinstance(answer, Session):
        raise TypeError(f"check must answer with a Session, not {type(answer).__name__}")
    return answer


def respond(
    sessions: Sessions, session: Session, headers: Headers
) -> tuple[Headers, CookieCommit | None]:
    """Commit the session, and add to these headers what [COOK-10] asks for.

    Without a commit, it failed, and the headers are those of an empty response of status 500.
    """
    own = [value for name, value in headers if name.lower() == "cache-control"]
    try:
        commit = sessions.commit(session, cache_control=", ".join(own) if own else None)
    except CallerError as error:
        _LOG.error("answered with status 500, since the session cannot be sent: %s", error)
        return list(_FAILED), None
    varies = ",".join(value for name, value in headers if name.lower() == "vary").lower()
    vary = "cookie" not in (field.strip() for field in varies.split(","))
    if any(name == "Cache-Control" for name, _ in commit.headers):
        headers = [pair for pair in headers if pair[0].lower() != "cache-control"]
    return headers + [pair for pair in commit.headers if vary or pair[0] != "Vary"], commit
