"""Sessions before an ASGI 3 application.

application = SessionMiddleware(application, sessions, check=check)

In the application, session_of(scope) is the session of the request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from inspect import isawaitable
from typing import Any, Literal

from .binding import CookieCommit, Sessions
from .errors import NotNow
from .middleware import Answer, Failed, ForeignPost, Middleware, Page, Place, end, session_of
from .session import Opening, Session

__all__ = ["ForeignPost", "SessionMiddleware", "cookie_fields", "session_of"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Check = Callable[[Opening], Session | Awaitable[Session]]
OnCommit = Callable[[CookieCommit], object]


class SessionMiddleware(Middleware):
    """Opens the session of each HTTP request, and commits it with the response.

    `check` is the application's check (§19.5): it answers an Opening by `checked()`, and may be
    async. It is not asked where `recheck` trusts an earlier answer. For none say so with
    `check=Opening.unchecked`. If it raises, the logger `cretula` is told, and the session is closed
    (`unchecked`).

    The commit comes with `http.response.start`. After that, changes raise CallerError committed;
    one of a dict or list that the application held from before is lost, and the logger is told at
    the end. Until the commit nothing has gone to the server: where it fails (cookie_too_large,
    no_sealing_key, …), a page of status 500 goes in the place of the application's response, and
    the logger is told the code. `page(error, status)` makes its HTML, or a pair of another status
    and HTML. An exception of the application passes, and nothing of the session is written.

    Where the session may be valid in a moment ([SESS-18]), an application that only reads is served
    as for a guest. One that changes the session gets a 503 in the place of its response; a sign-on
    and a sign-off are written. `not_now="guest"` writes all the same.

    `same_site_posts` answers 403 to what may change something (all methods but GET, HEAD, OPTIONS)
    and comes from a page of another origin, by Sec-Fetch-Site, or Origin where that is missing.

    `on_commit` is told of each other commit before its response is sent, and may be async: for the
    deny-list and `fault`. If it raises, the response is a 500.

    With device binding (§21) the two endpoints are answered here, by the same check.

    A WebSocket's session can be read, not changed. Put twice around an application with the same
    `sessions`, the outer one commits.
    """

    def __init__(
        self,
        app: Application,
        sessions: Sessions,
        *,
        check: Check,
        on_commit: OnCommit | None = None,
        page: Page | None = None,
        not_now: Literal["503", "guest"] = "503",
        same_site_posts: bool = False,
    ) -> None:
        super().__init__(sessions, page, not_now, same_site_posts)
        self._application = app
        self._check = check
        self._on_commit = on_commit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or self._is_here(scope):
            await self._application(scope, receive, send)
            return
        place = _place(scope)
        if scope["type"] == "http":
            request = self._sessions.device_request(
                place.method, scope.get("path", ""), lambda name: _values(scope, name)
            )
            if request is not None:
                session = None
                if request.opening is not None:
                    session = self._checked(await self._ask(request.opening), place)
                await _send(send, self._device(request, session))
                return
        refused = self._refused(place)
        if refused is not None:
            await _send(send, refused)
            return
        session = await self._open(scope, place)
        if scope["type"] == "websocket":
            session._close()  # no response carries a cookie any more
            await self._application({**scope, **self._in_request(session)}, receive, send)
            return
        begun = failed = False

        async def sending(message: Message) -> None:
            nonlocal begun, failed
            if message["type"] != "http.response.start":
                if not failed:
                    await send(message)
                return
            begun = True
            given = message.get("headers", ())
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in given]
            answer = await self._answer(session, headers, place)
            if isinstance(answer, Failed):
                failed = True
                await _send(send, answer)
                return
            await send({**message, "headers": _octets(answer)})

        try:
            await self._application({**scope, **self._in_request(session)}, receive, sending)
        except NotNow:
            if not session._needed or (begun and not failed):
                raise
            if not begun:
                await sending({"type": "http.response.start", "status": 503})
        finally:
            end(session)

    async def _open(self, scope: Scope, place: Place) -> Session:
        opening = self._sessions.open(cookie_fields(scope))
        session = await self._ask(opening) if opening.is_due else opening.unchecked()
        return self._checked(session, place)

    async def _ask(self, opening: Opening) -> object:
        try:
            answer = self._check(opening)
            return await answer if isawaitable(answer) else answer
        except Exception:
            return self._unanswered(opening)

    async def _answer(
        self, session: Session, headers: list[tuple[str, str]], place: Place
    ) -> list[tuple[str, str]] | Failed:
        answer = self._respond(session, headers, place)
        if isinstance(answer, Failed):
            return answer
        headers, commit = answer
        if self._on_commit is not None:
            try:
                told = self._on_commit(commit)
                if isawaitable(told):
                    await told
            except Exception as error:
                return self._failed(session, error)
        return headers


def cookie_fields(scope: Mapping[str, Any]) -> list[bytes]:
    """The octets of the Cookie fields of a request, as TokenCookie.read() takes them."""
    return _values(scope, "cookie")


def _values(scope: Mapping[str, Any], name: str) -> list[bytes]:
    wanted = name.encode("ascii")
    return [bytes(value) for one, value in scope["headers"] if one == wanted]


async def _send(send: Send, answer: Answer) -> None:
    start = {"type": "http.response.start", "status": answer.status}
    await send({**start, "headers": _octets(answer.headers)})
    await send({"type": "http.response.body", "body": answer.body})


def _place(scope: Scope) -> Place:
    def header(name: str) -> str | None:
        value = next(iter(_values(scope, name)), None)
        return None if value is None else value.decode("latin-1")

    client = scope.get("client") or ("",)
    method = scope.get("method", "GET")  # a WebSocket has none
    return Place(method, scope.get("scheme", "http"), client[0], header)


def _octets(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
