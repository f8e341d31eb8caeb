"""The WSGI middleware, without a server."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from cretula import (
    CallerError,
    Context,
    Cookie,
    Entry,
    Keyring,
    Session,
    Sessions,
    wsgi,
)
from middleware_support import (
    SESSIONS,
    TEXT,
    Headers,
    call,
    check,
    jar,
    lines,
    stored,
)
from support import CONTEXT, key, ring


def test_character_that_is_no_octet() -> None:
    """A server that decodes as UTF-8 breaks PEP 3333; no request is an exception for it."""
    seen: list[Session] = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(wsgi.session_of(environ))
        start_response("204 No Content", [])
        return []

    middleware = wsgi.SessionMiddleware(application, SESSIONS, check=check)
    for cookie in ("a=\u20ac; ", "\ud800", "\u3000"):
        list(middleware({"HTTP_COOKIE": cookie + stored()}, lambda *_: lambda _: None))
    assert [session.reason for session in seen] == [None, "absent", "absent"]


def test_generator_and_streaming(caplog: pytest.LogCaptureFixture) -> None:
    """The body is not collected, and the session may change until its first chunk."""
    steps: list[str] = []

    def application(environ: Any, start_response: Any) -> Iterator[bytes]:
        session = wsgi.session_of(environ)
        held = session.data
        held["a"] = 1
        start_response("200 OK", [TEXT])
        session.data["b"] = 2
        for number in range(3):
            steps.append(f"made {number}")
            yield b"%d" % number
        with pytest.raises(CallerError, match="committed"):
            session.data["c"] = 3  # after the head
        held["c"] = 3  # heard of at the end

    middleware = wsgi.SessionMiddleware(application, SESSIONS, check=check)
    heads: list[Headers] = []

    def start_response(status: str, headers: Headers) -> Any:
        heads.append(headers)
        steps.append("started")

    body = middleware({}, start_response)  # type: ignore[arg-type]
    assert heads == []
    for chunk in body:
        steps.append(f"got {chunk.decode()}")
    assert steps == ["made 0", "started", "got 0", "made 1", "got 1", "made 2", "got 2"]
    assert not caplog.records
    body.close()  # type: ignore[attr-defined]
    (record,) = caplog.records
    assert (record.levelname, "lost" in record.getMessage()) == ("ERROR", True)
    again = SESSIONS.open([jar(heads[0]).encode()]).checked(None)
    assert again.data == {"a": 1, "b": 2}


def test_write() -> None:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        write = start_response("200 OK", [TEXT])
        wsgi.session_of(environ).send()
        write(b"one ")
        write(b"two ")
        return [b"three"]

    headers, body = call(application, None)
    assert (len(lines(headers)), body) == (1, b"one two three")
    none = Sessions(Keyring([Entry(key(1), seal_from=2**48 - 1)]), CONTEXT)
    assert call(application, None, none, status=500)[1] == b"Internal Server Error\n"


@pytest.mark.parametrize("chunks", [[], [b""]])
def test_empty_body_and_head(chunks: list[bytes]) -> None:
    def application(environ: Any, start_response: Any) -> list[bytes]:
        wsgi.session_of(environ).send()
        start_response("200 OK", [TEXT, ("Content-Length", "5")])
        return chunks

    headers, body = call(application, None)
    assert (len(lines(headers)), body) == (1, b"")
    assert lines(headers, "Content-Length") == ["5"]


class Body:
    """A body that fails, and knows whether it was closed."""

    closed = False

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self.chunks)

    def close(self) -> None:
        self.closed = True


def test_exceptions_write_nothing() -> None:
    started: list[Headers] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> Any:
        started.append(headers)

    def failing() -> Iterator[bytes]:
        raise ZeroDivisionError
        yield b""

    for body in (None, Body(failing())):

        def application(environ: Any, start: Any, body: Body | None = body) -> Any:
            wsgi.session_of(environ).send()
            start("200 OK", [TEXT])
            if body is None:
                raise ZeroDivisionError
            return body

        middleware = wsgi.SessionMiddleware(application, SESSIONS, check=check)
        with pytest.raises(ZeroDivisionError):
            next(iter(middleware({}, start_response)))
    assert started == []


def test_close() -> None:
    """Also before the first chunk, when the client has gone: then nothing is written."""
    body = Body([b"a"])

    def application(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [TEXT])
        return body

    middleware = wsgi.SessionMiddleware(application, SESSIONS, check=check)
    started: list[Any] = []
    response: Any = middleware({}, lambda *given: started.append(given))  # type: ignore[arg-type]
    response.close()
    assert (body.closed, started) == (True, [])


def test_response_begun_again() -> None:
    """exc_info replaces what has not gone out, and is raised where it has."""

    def application(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [TEXT])
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            start_response("500 Internal Server Error", [TEXT, ("X", "1")], sys.exc_info())
            yield b"failed"
            start_response("500 Internal Server Error", [TEXT, ("X", "2")], sys.exc_info())

    started: list[Any] = []
    middleware = wsgi.SessionMiddleware(application, SESSIONS, check=check)
    body = iter(middleware({}, lambda *given: started.append(given)))  # type: ignore[arg-type]
    assert next(body) == b"failed"
    with pytest.raises(ZeroDivisionError):
        next(body)
    ((status, headers),) = started
    assert (status, lines(headers, "X")) == ("500 Internal Server Error", ["1"])


@pytest.mark.parametrize(("calls", "fault"), [(0, "not called"), (2, "before")])
def test_response_begun_wrongly(calls: int, fault: str) -> None:
    def application(environ: Any, start_response: Any) -> list[bytes]:
        for _ in range(calls):
            start_response("200 OK", [TEXT])
        return [b""]

    middleware = wsgi.SessionMiddleware(application, SESSIONS, check=check)
    with pytest.raises(RuntimeError, match=fault):
        list(middleware({}, print))  # type: ignore[arg-type]


def test_two_purposes() -> None:
    """One middleware in another, each with a cookie of its own."""
    remember = Sessions(
        ring(1), Context("shop.example", "remember"), cookie=Cookie(name="__Host-remember")
    )

    def application(environ: Any, start_response: Any) -> list[bytes]:
        for purpose in ("session", "remember"):
            wsgi.session_of(environ, purpose).send()
        with pytest.raises(LookupError, match="'other'"):
            wsgi.session_of(environ, "other")
        start_response("200 OK", [TEXT])
        return [b""]

    inner = wsgi.SessionMiddleware(application, SESSIONS, check=check)
    headers, _ = call(inner, None, remember)
    names = [line.split("=")[0] for line in lines(headers)]
    assert names == ["__Host-Http-session", "__Host-remember"]
    assert lines(headers, "Vary") == ["Cookie"]
    assert lines(headers, "Cache-Control") == ["no-store"]
