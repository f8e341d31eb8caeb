"""What the WSGI and the ASGI middleware share."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal

from .binding import CookieCommit, DeviceRequest, DeviceResponse, Sessions
from .errors import CallerError, NotNow
from .session import Opening, Session

LOG: Final = logging.getLogger("cretula")

Headers = list[tuple[str, str]]
Page = Callable[[Exception, int], "str | tuple[int, str]"]


class ForeignPost(Exception):
    """A page of another origin sent the request (`same_site_posts`). The page is a 403."""


class Answer:
    """A response that is not the application's: status, reason, headers and body."""

    status: int
    headers: Headers
    body: bytes

    @property
    def reason(self) -> str:
        return HTTPStatus(self.status).phrase


class DeviceAnswer(Answer):
    """The response of an endpoint of device binding (§21)."""

    def __init__(self, response: DeviceResponse) -> None:
        self.status = response.status
        self.body = response.body.encode("ascii")
        self.headers = [*response.headers, ("Content-Length", str(len(self.body)))]


class Failed(Answer):
    """The response in the place of the application's."""

    def __init__(self, error: Exception, page: Page | None) -> None:
        status, kind = 500, "text/plain"
        if isinstance(error, NotNow):
            status = 503
        elif isinstance(error, ForeignPost):
            status = 403
        if page is None:
            text = f"{HTTPStatus(status).phrase}\n"
        else:
            made, kind = page(error, status), "text/html"
            status, text = (status, made) if isinstance(made, str) else made
        self.status = status
        self.body = text.encode("utf-8")
        self.headers = [
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(self.body))),
            ("Vary", "Cookie"),
            ("Cache-Control", "private"),
        ]


@dataclass(frozen=True)
class Place:
    """Where a request came to, and from whom."""

    method: str
    scheme: str
    address: str
    header: Callable[[str], str | None]

    def is_foreign(self) -> bool:
        """Whether a page of another origin sent it, and it may change something.

        Browsers say so in Sec-Fetch-Site, older ones in Origin; what sends neither is no browser,
        and has no user's cookies to abuse.
        """
        if self.method in ("GET", "HEAD", "OPTIONS"):
            return False
        site, origin = self.header("sec-fetch-site"), self.header("origin")
        if site is not None:
            return site not in ("same-origin", "none")
        if origin is None:
            return False
        _, found, host = origin.partition("://")  # "null": a sandbox
        return not found or host.lower() != (self.header("host") or "").lower()

    def is_plain(self) -> bool:
        """Plain http, as the browser sees it. A proxy that says otherwise is believed."""
        host = re.sub(r":[0-9]*\Z", "", self.header("host") or "localhost").lower()
        local = host in ("localhost", "[::1]") or host.endswith(".localhost")
        return (
            self.scheme == "http"
            and not local
            and not host.startswith("127.")
            and self.header("x-forwarded-proto") != "https"
            and self.header("forwarded") is None
        )

    def sender(self) -> tuple[str | None, ...]:
        return self.address, self.header("x-forwarded-for"), self.header("user-agent")


class LostCookie:
    """Finds out, once, that browsers drop a Secure cookie because the site is on plain http."""

    def __init__(self, secure: bool) -> None:
        self._waiting: tuple[str | None, ...] | None = None
        self._over = not secure

    def sent(self, place: Place) -> None:
        """A browser was given the cookie."""
        if not self._over and self._waiting is None and place.is_plain():
            self._waiting = place.sender()

    def is_lost(self, place: Place, is_back: bool) -> bool:
        """Whether the same browser is back without it: once at most, and never after one came."""
        if self._over or self._waiting is None or not place.is_plain():
            return False
        lost = not is_back and self._waiting == place.sender()
        self._over = is_back or lost
        return lost


class Middleware:
    """The settings of both."""

    def __init__(
        self,
        sessions: Sessions,
        page: Page | None,
        not_now: Literal["503", "guest"],
        same_site_posts: bool,
    ) -> None:
        if not isinstance(sessions, Sessions):
            raise TypeError(f"sessions must be Sessions, not {type(sessions).__name__}")
        if not_now not in ("503", "guest"):
            raise ValueError("not_now must be '503' or 'guest'")
        if not isinstance(same_site_posts, bool):
            raise TypeError("same_site_posts must be True or False")
        self._sessions = sessions
        self._page = page
        self._refuses = not_now == "503"
        self._same_site_posts = same_site_posts
        self._lost = LostCookie(sessions.cookie.secure)
        self._key = f"cretula.{sessions.context.purpose}"

    def _is_here(self, request: Mapping[str, Any]) -> bool:
        """Whether a middleware further out has this session already, and commits it."""
        other = request.get(f"{self._key}.sessions")
        if other is not None and other is not self._sessions:
            raise RuntimeError("two middlewares of one purpose, with different Sessions")
        return other is not None

    def _in_request(self, session: Session) -> dict[str, Any]:
        return {self._key: session, f"{self._key}.sessions": self._sessions}

    def _refused(self, place: Place) -> Failed | None:
        """The response to a post from a page of another origin."""
        if not self._same_site_posts or not place.is_foreign():
            return None
        LOG.info("post refused: origin")
        return Failed(ForeignPost("sent by a page of another origin"), self._page)

    def _checked(self, answer: object, place: Place) -> Session:
        """What the application's check answered; anything but a Session is a fault of its own."""
        if not isinstance(answer, Session):
            raise TypeError(f"check must answer with a Session, not {type(answer).__name__}")
        if answer.reason not in (None, "absent"):
            level = logging.DEBUG if answer.reason == "expired" else logging.INFO
            LOG.log(level, "session refused: %s", answer.reason)
        if self._lost.is_lost(place, answer.reason != "absent"):
            LOG.warning(
                "a Secure cookie was set over plain http and did not come back: serve https, let "
                "the proxy send X-Forwarded-Proto, or set the site up with development=True"
            )
        return answer

    def _device(self, request: DeviceRequest, session: Session | None) -> Answer:
        """The response of an endpoint; `session` is what the check made of its opening."""
        try:
            response = request.respond(session)
        except CallerError as error:
            LOG.error("session not written: %s", error)
            return Failed(error, self._page)
        if response.reason is not None:
            LOG.info("device refused: %s", response.reason)
        return DeviceAnswer(response)

    @staticmethod
    def _unanswered(opening: Opening) -> Session:
        """The session of a check that raised: closed, and heard of."""
        if opening._given:
            raise
        LOG.exception("the check of a session failed")
        return opening.checked(None)

    def _respond(
        self, session: Session, headers: Headers, place: Place
    ) -> tuple[Headers, CookieCommit] | Failed:
        """Commit the session, and add to these headers what [COOK-10] asks for."""
        own = [value for name, value in headers if name.lower() == "cache-control"]
        try:
            if session._needed or (self._refuses and session.not_now and session._would_replace()):
                raise NotNow(session.reason or "unchecked")
            commit = self._sessions.commit(session, cache_control=", ".join(own) if own else None)
        except (CallerError, NotNow) as error:
            return self._failed(session, error)
        if commit.wrote == "seal":
            self._lost.sent(place)
        varies = ",".join(value for name, value in headers if name.lower() == "vary").lower()
        vary = "cookie" not in (field.strip() for field in varies.split(","))
        if any(name == "Cache-Control" for name, _ in commit.headers):
            headers = [pair for pair in headers if pair[0].lower() != "cache-control"]
        if commit.large:
            LOG.warning("session cookies of more than 3500 octets, which some proxies refuse")
        return headers + [pair for pair in commit.headers if vary or pair[0] != "Vary"], commit

    def _failed(self, session: Session, error: Exception) -> Failed:
        """Nothing of the session is sent, and nothing of it changes any more."""
        session._close()
        level = logging.WARNING if isinstance(error, NotNow) else logging.ERROR
        own = isinstance(error, CallerError | NotNow)
        LOG.log(level, "session not written: %s", error, exc_info=None if own else error)
        return Failed(error, self._page)


def end(session: Session) -> None:
    """The response is over: tell of a change that came too late to be written."""
    if session._is_changed_late():
        LOG.error("session data was changed after the response's head, and that change is lost")


def session_of(request: Mapping[str, Any], purpose: str = "session") -> Session:
    """The session that the middleware put into this WSGI environ or ASGI scope.

    `purpose` is that of the context. Raises LookupError where no middleware of it stands before the
    application.
    """
    session = request.get(f"cretula.{purpose}")
    if not isinstance(session, Session):
        raise LookupError(f"no session of the purpose {purpose!r} in this request")
    return session
