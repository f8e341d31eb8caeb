"""The ASGI middleware, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from cretula import (
    CallerError,
    CookieCommit,
    Opening,
    Session,
    asgi,
)
from middleware_support import (
    SESSIONS,
    Message,
    ask,
    check,
    stored,
)


def test_async_check_and_hook() -> None:
    told: list[str] = []

    async def asked(opening: Opening) -> Session:
        await asyncio.sleep(0)
        return opening.checked(7)

    async def committed(commit: CookieCommit) -> None:
        await asyncio.sleep(0)
        told.append(commit.wrote)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        assert asgi.session_of(scope).sub == "ada"
        asgi.session_of(scope).send()
        await send({"type": "http.response.start", "status": 200})
        assert told == ["seal"]
        for more in (True, True, False):
            await send({"type": "http.response.body", "body": b"x", "more_body": more})

    field = stored().encode()
    messages = ask(application, [b"a=b", field], check=asked, on_commit=committed)
    assert [message["type"][14:] for message in messages] == ["start", "body", "body", "body"]
    assert [name for name, _ in messages[0]["headers"]] == [
        b"set-cookie",
        b"vary",
        b"cache-control",
    ]


def test_several_cookie_fields() -> None:
    """HTTP/2 sends each pair in a field of its own."""
    seen: list[Session] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(asgi.session_of(scope))

    ask(application, [b"a=b", stored().encode(), b"\xff"])
    assert seen[0].reason is None


def test_websocket_reads() -> None:
    """Its session is there, and cannot be changed: no response carries a cookie any more."""
    seen: list[str | None] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        session = asgi.session_of(scope)
        seen.append(session.sub)
        for change in (session.sign_off, session.send, lambda: session.flash("a", 1)):
            with pytest.raises(CallerError, match="committed"):
                change()
        await send({"type": "websocket.accept"})

    assert ask(application, [stored().encode()], kind="websocket") == [{"type": "websocket.accept"}]
    assert seen == ["ada"]


def test_client_that_has_gone() -> None:
    """The deny-list is told before anything is sent."""
    told: list[CookieCommit] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        asgi.session_of(scope).sign_off()
        await send({"type": "http.response.start", "status": 200})

    async def send(message: Message) -> None:
        raise OSError("the client has gone")

    async def receive() -> Message:
        return {}

    middleware = asgi.SessionMiddleware(application, SESSIONS, check=check, on_commit=told.append)
    scope = {"type": "http", "headers": [(b"cookie", stored().encode())]}
    with pytest.raises(OSError, match="gone"):
        asyncio.run(middleware(scope, receive, send))
    assert len(told[0].ended) == 1


def test_other_scopes_pass() -> None:
    kind = "lifespan"
    given: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        given.extend((scope, receive, send))
        with pytest.raises(LookupError):
            asgi.session_of(scope)
        await send({"type": "any"})

    assert ask(application, [stored().encode()], kind=kind) == [{"type": "any"}]
    assert given[0]["type"] == kind


def test_exception_writes_nothing() -> None:
    sent: list[Message] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        asgi.session_of(scope).send()
        raise ZeroDivisionError

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {}

    middleware = asgi.SessionMiddleware(application, SESSIONS, check=check)
    waiting: Awaitable[None] = middleware({"type": "http", "headers": []}, receive, send)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(waiting)  # type: ignore[arg-type]
    assert sent == []
