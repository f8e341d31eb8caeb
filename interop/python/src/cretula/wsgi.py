"""Sessions before a WSGI application (PEP 3333).

application = SessionMiddleware(application, sessions, check=check)

In the application, session_of(environ) is the session of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from .binding import CookieCommit, Sessions
from .errors import NotNow
from .middleware import Answer, Failed, ForeignPost, Middleware, Page, Place, end, session_of
from .session import Opening, Session

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["ForeignPost", "SessionMiddleware", "cookie_fields", "session_of"]

Check = Callable[[Opening], Session]
OnCommit = Callable[[CookieCommit], object]


class SessionMiddleware(Middleware):
    """Opens the session of each request, and commits it with the response.

    `check` is the application's check (§19.5): it answers an Opening by `checked()`. For none say
    so with `check=Opening.unchecked`. If it raises, the logger `cretula` is told, and the
    session is closed (`unchecked`).

    The commit comes late: with the first chunk of the body, the first write() or the end of an
    empty body, whichever is first. After that, changes raise CallerError committed; one of a dict
    or list that the application held from before is lost, and the logger is told at the end. Until
    the commit nothing has gone to the server: where it fails (cookie_too_large, no_sealing_key, …),
    a page of status 500 goes in the place of the application's response, and the logger is told the
    code. `page(error, status)` makes its HTML, or a pair of another status and HTML. An exception
    of the application passes, and nothing of the session is written.

    Where the session may be valid in a moment ([SESS-18]), an application that only reads is served
    as for a guest. One that changes the session gets a 503 in the place of its response; a sign-on
    and a sign-off are written. `not_now="guest"` writes all the same.

    `same_site_posts` answers 403 to what may change something (all methods but GET, HEAD, OPTIONS)
    and comes from a page of another origin, by Sec-Fetch-Site, or Origin where that is missing.

    `on_commit` is told of each other commit before its response is sent: for the deny-list and
    `fault`. If it raises, the response is a 500. Put twice around an application with the same
    `sessions`, the outer one commits.
    """

    def __init__(
        self,
        application: WSGIApplication,
        sessions: Sessions,
        *,
        check: Check,
        on_commit: OnCommit | None = None,
        page: Page | None = None,
        not_now: Literal["503", "guest"] = "503",
        same_site_posts: bool = False,
    ) -> None:
        super().__init__(sessions, page, not_now, same_site_posts)
        self._application = application
        self._check = check
        self._on_commit = on_commit

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._is_here(environ):
            return self._application(environ, start_response)
        place = _place(environ)
        answer = self._at_endpoint(environ, place) or self._refused(place)
        if answer is not None:
            start_response(f"{answer.status} {answer.reason}", answer.headers)
            return [answer.body]
        opening = self._sessions.open(cookie_fields(environ))
        session = self._ask(opening) if opening.is_due else opening.unchecked()
        session = self._checked(session, place)
        environ.update(self._in_request(session))
        response = _Response(self, session, start_response, place)
        try:
            response.body = self._application(environ, response.start)
        except NotNow:
            if not session._needed or response.begun:
                raise
            response.body = ()
            response.start("503 Service Unavailable", [])
        return response

    def _at_endpoint(self, environ: WSGIEnvironment, place: Place) -> Answer | None:
        """The response of an endpoint of device binding (§21)."""
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        request = self._sessions.device_request(
            place.method, path, lambda name: _values(environ, name)
        )
        if request is None:
            return None
        session = None
        if request.opening is not None:
            session = self._checked(self._ask(request.opening), place)
        return self._device(request, session)

    def _ask(self, opening: Opening) -> object:
        try:
            return self._check(opening)
        except Exception:
            return self._unanswered(opening)

    def _answer(
        self, session: Session, headers: list[tuple[str, str]], place: Place
    ) -> list[tuple[str, str]] | Failed:
        answer = self._respond(session, headers, place)
        if isinstance(answer, Failed):
            return answer
        headers, commit = answer
        if self._on_commit is not None:
            try:
                self._on_commit(commit)
            except Exception as error:
                return self._failed(session, error)
        return headers


class _Response:
    """The response on its way, as the iterable that the server gets."""

    body: Iterable[bytes]
    _write: Callable[[bytes], object]

    def __init__(
        self,
        middleware: SessionMiddleware,
        session: Session,
        start_response: StartResponse,
        place: Place,
    ) -> None:
        self._middleware = middleware
        self._session = session
        self._start_response = start_response
        self._place = place
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self.begun = False
        self._failed: Failed | None = None
        self._chunks: Iterator[bytes] | None = None

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        """The start_response of the application. With exc_info it may replace what it began."""
        if exc_info is None:
            if self._head is not None:
                raise RuntimeError("start_response() was called before")
        elif self.begun and exc_info[1] is not None:
            raise exc_info[1].with_traceback(exc_info[2])
        self._head = status, list(headers)
        return self.write

    def write(self, data: bytes) -> None:
        """The write() of the application."""
        self._begin()
        if self._failed is None:
            self._write(data)

    def _begin(self) -> None:
        if self.begun:
            return
        if self._head is None:
            raise RuntimeError("start_response() was not called")
        status, headers = self._head
        answer = self._middleware._answer(self._session, headers, self._place)
        if isinstance(answer, Failed):
            self._failed = answer
            status, answer = f"{answer.status} {answer.reason}", answer.headers
        self._write = self._start_response(status, answer)
        self.begun = True
        if self._failed is not None:
            self._write(self._failed.body)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._chunks is None:
            self._chunks = iter(self.body)
        chunk = next(self._chunks, None)
        self._begin()
        if chunk is None or self._failed is not None:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Called by the server at the end, also if it never came to the first chunk."""
        close = getattr(self.body, "close", None)
        try:
            if close is not None:
                close()
        finally:
            end(self._session)


def cookie_fields(environ: WSGIEnvironment) -> list[bytes]:
    """The octets of the Cookie field of a request, as TokenCookie.read() takes them."""
    return _values(environ, "cookie")


def _values(environ: WSGIEnvironment, name: str) -> list[bytes]:
    """The octets of a field, of several joined by the server (a JWT then is none)."""
    value = environ.get(f"HTTP_{name.upper().replace('-', '_')}")
    # A character beyond octets is a fault of the server, and none of our names or values has it.
    return [] if value is None else [value.encode("latin-1", "replace")]


def _place(environ: WSGIEnvironment) -> Place:
    def header(name: str) -> str | None:
        value: str | None = environ.get(f"HTTP_{name.upper().replace('-', '_')}")
        return value

    scheme, address = environ.get("wsgi.url_scheme", "http"), environ.get("REMOTE_ADDR", "")
    return Place(environ.get("REQUEST_METHOD", ""), scheme, address, header)
