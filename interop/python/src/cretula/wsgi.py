"""Sessions before a WSGI application (PEP 3333).

application = SessionMiddleware(application, sessions, check=check)

In the application, session_of(environ) is the session of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from .binding import CookieCommit, Sessions
from .middleware import checked, key_of, respond, session_of
from .session import Opening, Session

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["SessionMiddleware", "session_of"]

Check = Callable[[Opening], Session]
Committed = Callable[[CookieCommit], object]

_FAILED: Final = "500 Internal Server Error"


class SessionMiddleware:
    """Opens the session of each request, and commits it with the response.

    `check` is the application's check (§19.5): it answers an Opening by `checked()`. For none say
    so with `check=Opening.unchecked`. What it raises is the request's error.

    The commit comes late: with the first chunk of the body, the first write() or the end of an
    empty body, whichever is first. After that, changes inside `data` are lost, and others raise
    CallerError committed. Until then nothing has gone to the server: where the commit fails
    (cookie_too_large, no_sealing_key, …), an empty response of status 500 goes in the place of the
    application's, and the logger `cretula` is told the code. An exception of the application
    passes, and nothing of the session is written.

    `committed` is told of each other commit once its headers were handed over: for the deny-list,
    `fault` and `large`.
    """

    def __init__(
        self,
        application: WSGIApplication,
        sessions: Sessions,
        *,
        check: Check,
        committed: Committed | None = None,
    ) -> None:
        self._application = application
        self._sessions = sessions
        self._check = check
        self._committed = committed

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        cookie = environ.get("HTTP_COOKIE")
        # The octets as received. A character beyond them is a fault of the server, and none of our
        # names or values has it.
        fields = [] if cookie is None else [cookie.encode("latin-1", "replace")]
        session = checked(self._check(self._sessions.open(fields)))
        environ[key_of(self._sessions)] = session
        response = _Response(self._sessions, session, self._committed, start_response)
        response.body = self._application(environ, response.start)
        return response


class _Response:
    """The response on its way, as the iterable that the server gets."""

    body: Iterable[bytes]
    _write: Callable[[bytes], object]

    def __init__(
        self,
        sessions: Sessions,
        session: Session,
        committed: Committed | None,
        start_response: StartResponse,
    ) -> None:
        self._sessions = sessions
        self._session = session
        self._committed = committed
        self._start_response = start_response
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self._begun = self._failed = False
        self._chunks: Iterator[bytes] | None = None

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        """The start_response of the application. With exc_info it may replace what it began."""
        if exc_info is None:
            if self._head is not None:
                raise RuntimeError("start_response() was called before")
        elif self._begun and exc_info[1] is not None:
            raise exc_info[1].with_traceback(exc_info[2])
        self._head = status, list(headers)
        return self.write

    def write(self, data: bytes) -> None:
        """The write() of the application."""
        self._begin()
        if not self._failed:
            self._write(data)

    def _begin(self) -> None:
        if self._begun:
            return
        if self._head is None:
            raise RuntimeError("start_response() was not called")
        status, headers = self._head
        headers, commit = respond(self._sessions, self._session, headers)
        self._failed = commit is None
        self._write = self._start_response(_FAILED if self._failed else status, headers)
        self._begun = True
        if commit is not None and self._committed is not None:
            self._committed(commit)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._chunks is None:
            self._chunks = iter(self.body)
        chunk = next(self._chunks, None)
        self._begin()
        if chunk is None or self._failed:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Called by the server at the end, also if it never came to the first chunk."""
        close = getattr(self.body, "close", None)
        if close is not None:
            close()
