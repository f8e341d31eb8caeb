"""What the WSGI and the ASGI middleware share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from .binding import CookieCommit, Sessions
from .errors import CallerError, NotNow
from .session import Opening, Session

LOG: Final = logging.getLogger("cretula")
_REASONS: Final = {500: "Internal Server Error", 503: "Service Unavailable"}

Headers = list[tuple[str, str]]
Page = Callable[[Exception, int], str]


class Failed:
    """The response in the place of the application's: status, reason, headers and body."""

    def __init__(self, error: Exception, page: Page | None) -> None:
        self.status = 503 if isinstance(error, NotNow) else 500
        self.reason = _REASONS[self.status]
        kind, text = "text/plain", f"{self.reason}\n"
        if page is not None:
            kind, text = "text/html", page(error, self.status)
        self.body = text.encode("utf-8")
        self.headers: Headers = [
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(self.body))),
            ("Vary", "Cookie"),
            ("Cache-Control", "private"),
        ]


class Middleware:
    """The settings of both."""

    def __init__(
        self, sessions: Sessions, page: Page | None, not_now: Literal["503", "guest"]
    ) -> None:
        if not isinstance(sessions, Sessions):
            raise TypeError(f"sessions must be Sessions, not {type(sessions).__name__}")
        if not_now not in ("503", "guest"):
            raise ValueError("not_now must be '503' or 'guest'")
        self._sessions = sessions
        self._page = page
        self._refuses = not_now == "503"
        self._key = f"cretula.{sessions.context.purpose}"

    def _is_here(self, request: Mapping[str, Any]) -> bool:
        """Whether a middleware further out has this session already, and commits it."""
        other = request.get(f"{self._key}.sessions")
        if other is not None and other is not self._sessions:
            raise RuntimeError("two middlewares of one purpose, with different Sessions")
        return other is not None

    def _in_request(self, session: Session) -> dict[str, Any]:
        return {self._key: session, f"{self._key}.sessions": self._sessions}

    def _checked(self, answer: object) -> Session:
        """What the application's check answered; anything but a Session is a fault of its own."""
        if not isinstance(answer, Session):
            raise TypeError(f"check must answer with a Session, not {type(answer).__name__}")
        if answer.reason not in (None, "absent"):
            level = logging.DEBUG if answer.reason == "expired" else logging.INFO
            LOG.log(level, "session refused: %s", answer.reason)
        return answer

    @staticmethod
    def _unanswered(opening: Opening) -> Session:
        """The session of a check that raised: closed, and heard of."""
        if opening._given:
            raise
        LOG.exception("the check of a session failed")
        return opening.checked(None)

    def _respond(self, session: Session, headers: Headers) -> tuple[Headers, CookieCommit] | Failed:
        """Commit the session, and add to these headers what [COOK-10] asks for."""
        own = [value for name, value in headers if name.lower() == "cache-control"]
        try:
            if self._refuses and session.not_now and session._would_replace():
                raise NotNow(session.reason or "unchecked")
            commit = self._sessions.commit(session, cache_control=", ".join(own) if own else None)
        except (CallerError, NotNow) as error:
            return self._failed(session, error)
        varies = ",".join(value for name, value in headers if name.lower() == "vary").lower()
        vary = "cookie" not in (field.strip() for field in varies.split(","))
        if any(name == "Cache-Control" for name, _ in commit.headers):
            headers = [pair for pair in headers if pair[0].lower() != "cache-control"]
        if commit.large:
            LOG.warning("session cookies of more than 3500 octets, which some proxies refuse")
        return headers + [pair for pair in commit.headers if vary or pair[0] != "Vary"], commit

    def _failed(self, session: Session, error: Exception) -> Failed:
        """Nothing of the session is sent, and nothing of it changes any more."""
        session._committed = True
        level = logging.WARNING if isinstance(error, NotNow) else logging.ERROR
        own = isinstance(error, CallerError | NotNow)
        LOG.log(level, "session not written: %s", error, exc_info=None if own else error)
        return Failed(error, self._page)


def session_of(request: Mapping[str, Any], purpose: str = "session") -> Session:
    """The session that the middleware put into this WSGI environ or ASGI scope.

    `purpose` is that of the context. Raises LookupError where no middleware of it stands before the
    application.
    """
    session = request.get(f"cretula.{purpose}")
    if not isinstance(session, Session):
        raise LookupError(f"no session of the purpose {purpose!r} in this request")
    return session
