"""What the tests of the middleware share."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, MutableMapping
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from cretula import (
    Opening,
    Session,
    Sessions,
    asgi,
    wsgi,
)
from support import CONTEXT, ring

Headers = list[tuple[str, str]]
SESSIONS = Sessions(ring(1), CONTEXT)
TEXT = ("Content-Type", "text/plain")


def check(opening: Opening) -> Session:
    return opening.checked(7)


def lines(headers: Headers, name: str = "Set-Cookie") -> list[str]:
    return [value for one, value in headers if one.lower() == name.lower()]


def jar(headers: Headers) -> str:
    return "; ".join(line.split(";")[0] for line in lines(headers))


def stored(**data: Any) -> str:
    """A Cookie field with a session of ada's."""
    session = SESSIONS.open([]).checked(None)
    session.sign_on("ada", 7)
    session.data = data
    return jar(SESSIONS.commit(session).headers)


def call(
    application: Any,
    cookie: str | None,
    sessions: Sessions = SESSIONS,
    status: int = 200,
    method: str = "GET",
    request: Mapping[str, str] = {},
    keep: dict[str, Any] | None = None,
    **options: Any,
) -> tuple[Headers, bytes]:
    """One request, with PEP 3333 looked after on both sides of the middleware.

    `keep` holds the middleware for the next request.
    """
    inner = validator(application)
    keep = {} if keep is None else keep
    if "middleware" not in keep:
        keep["middleware"] = wsgi.SessionMiddleware(
            lambda *given: keep["inner"](*given), sessions, **{"check": check, **options}
        )
    keep["inner"], middleware = inner, keep["middleware"]
    heads: list[Headers] = []
    written = io.BytesIO()

    def start_response(line: str, headers: Headers, exc_info: Any = None) -> Any:
        assert not heads
        assert line.startswith(str(status))
        heads.append(headers)
        return written.write

    environ: dict[str, Any] = {"QUERY_STRING": "", "REQUEST_METHOD": method}
    for name, value in request.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    setup_testing_defaults(environ)
    if cookie is not None:
        environ["HTTP_COOKIE"] = cookie
    body = validator(middleware)(environ, start_response)
    try:
        for chunk in body:
            assert heads
            written.write(chunk)
    finally:
        body.close()  # type: ignore[attr-defined]
    return heads[0], written.getvalue()


Message = MutableMapping[str, Any]


def ask(
    application: Any,
    fields: list[bytes],
    sessions: Sessions = SESSIONS,
    kind: str = "http",
    method: str = "GET",
    request: Mapping[str, str] = {},
    keep: dict[str, Any] | None = None,
    **options: Any,
) -> list[Message]:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        messages.append(message)

    headers = [(name.encode(), value.encode()) for name, value in request.items()]
    headers += [(b"cookie", field) for field in fields]
    scope = {"type": kind, "method": method, "headers": headers}
    before = dict(scope)
    keep = {} if keep is None else keep
    if "middleware" not in keep:
        keep["middleware"] = asgi.SessionMiddleware(
            lambda *given: keep["inner"](*given), sessions, **{"check": check, **options}
        )
    keep["inner"], middleware = application, keep["middleware"]
    asyncio.run(middleware(scope, receive, send))
    assert scope == before
    return messages
