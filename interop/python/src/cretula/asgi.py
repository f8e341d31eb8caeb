"""Sessions before an ASGI 3 application.

application = SessionMiddleware(application, sessions, check=check)

In the application, session_of(scope) is the session of the request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from inspect import isawaitable
from typing import Any

from .binding import CookieCommit, Sessions
from .middleware import checked, key_of, respond, session_of
from .session import Opening, Session

__all__ = ["SessionMiddleware", "session_of"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Check = Callable[[Opening], Session | Awaitable[Session]]
Committed = Callable[[CookieCommit], object]


class SessionMiddleware:
    """Opens the session of each HTTP request, and commits it with the response.

    `check` is the application's check (§19.5): it answers an Opening by `checked()`, and may be
    async. For none say so with `check=Opening.unchecked`. What it raises is the request's error.

    The commit comes with `http.response.start`. After that, changes inside `data` are lost, and
    others raise CallerError committed. Until then nothing has gone to the server: where the commit
    fails (cookie_too_large, no_sealing_key, …), an empty response of status 500 goes in the place
    of the application's, and the logger `cretula` is told the code. An exception of the application
    passes, and nothing of the session is written.

    `committed` is told of each other commit once its headers were handed over, and may be async:
    for the deny-list, `fault` and `large`. Scopes other than `http` pass untouched.
    """

    def __init__(
        self,
        app: Application,
        sessions: Sessions,
        *,
        check: Check,
        committed: Committed | None = None,
    ) -> None:
        self._application = app
        self._sessions = sessions
        self._check = check
        self._committed = committed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        fields = [bytes(value) for name, value in scope["headers"] if name == b"cookie"]
        answer = self._check(self._sessions.open(fields))
        session = checked(await answer if isawaitable(answer) else answer)
        failed = False

        async def sending(message: Message) -> None:
            nonlocal failed
            if message["type"] != "http.response.start":
                if not failed:
                    await send(message)
                return
            given = message.get("headers", ())
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in given]
            headers, commit = respond(self._sessions, session, headers)
            octets = [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
            ]
            if commit is None:
                failed = True
                await send({"type": "http.response.start", "status": 500, "headers": octets})
                await send({"type": "http.response.body"})
                return
            await send({**message, "headers": octets})
            if self._committed is not None:
                told = self._committed(commit)
                if isawaitable(told):
                    await told

        await self._application({**scope, key_of(self._sessions): session}, receive, sending)
