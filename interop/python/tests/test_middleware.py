"""What the WSGI and the ASGI middleware both do, with an application that gets the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cretula import (
    CookieCommit,
    Entry,
    Keyring,
    Opening,
    Session,
    Sessions,
    asgi,
    wsgi,
)
from middleware_support import (
    SESSIONS,
    TEXT,
    Headers,
    ask,
    call,
    check,
    jar,
    lines,
    stored,
)
from support import CONTEXT, key

Handler = Callable[[Session], object]


def by_wsgi(
    handler: Handler,
    headers: Headers,
    cookie: str | None,
    status: int = 200,
    expected: bytes = b"body",
    **options: Any,
) -> Headers:
    def application(environ: Any, start_response: Any) -> list[bytes]:
        handler(wsgi.session_of(environ))
        start_response("200 OK", [TEXT, *headers])
        return [b"body"]

    sent, body = call(application, cookie, status=status, **options)
    assert body == expected
    return sent


def by_asgi(
    handler: Handler,
    headers: Headers,
    cookie: str | None,
    status: int = 200,
    expected: bytes = b"body",
    **options: Any,
) -> Headers:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        handler(asgi.session_of(scope))
        octets = [(name.lower().encode(), value.encode()) for name, value in [TEXT, *headers]]
        await send({"type": "http.response.start", "status": 200, "headers": octets})
        await send({"type": "http.response.body", "body": b"body"})

    messages = ask(application, [] if cookie is None else [cookie.encode("latin-1")], **options)
    start, body = messages
    assert (start["status"], body.get("body", b"")) == (status, expected)
    pairs = [(name.decode(), value.decode()) for name, value in start["headers"]]
    assert all(name == name.lower() for name, _ in pairs)
    return pairs


both = pytest.mark.parametrize("answer", [by_wsgi, by_asgi])
Answer = Callable[..., Headers]


@both
def test_guest_and_user(answer: Answer) -> None:
    seen: list[Session] = []
    headers = answer(seen.append, [], None)
    assert seen.pop().reason == "absent"
    assert (lines(headers), lines(headers, "Vary")) == ([], ["Cookie"])
    assert lines(headers, "Cache-Control") == ["private"]
    headers = answer(lambda session: session.sign_on("ada", 7), [], None)
    assert lines(headers, "Cache-Control") == ["no-store"]
    answer(seen.append, [], jar(headers))
    assert (seen[0].sub, seen[0].reason) == ("ada", None)


@both
def test_the_check(answer: Answer) -> None:
    seen: list[Session] = []
    cookie = stored()
    for given in (Opening.unchecked, check, lambda opening: opening.checked(8)):
        answer(seen.append, [], cookie, check=given)
    assert [session.reason for session in seen] == [None, None, "revoked"]
    with pytest.raises(TypeError, match="answer with a Session"):
        answer(seen.append, [], cookie, check=lambda opening: None)
    with pytest.raises(ZeroDivisionError):
        answer(seen.append, [], cookie, check=lambda opening: 1 // 0)


@both
def test_headers_of_the_application_stay(answer: Answer) -> None:
    """Set-Cookie is only added to, Vary added to, Cache-Control as [COOK-10] has it."""
    own = [("Set-Cookie", "a=b"), ("Vary", "Accept"), ("Cache-Control", "public"), ("X", "é")]
    plain = answer(lambda _: None, own, None)
    assert plain[1:5] == [(name if answer is by_wsgi else name.lower(), v) for name, v in own]
    assert lines(plain, "Vary") == ["Accept", "Cookie"]
    own.append(("cache-control", "max-age=60"))
    headers = answer(Session.send, own, None)
    assert lines(headers)[0] == "a=b"
    assert len(lines(headers)) == 2
    assert lines(headers, "Vary") == ["Accept", "Cookie"]
    assert lines(headers, "Cache-Control") == ["no-store"]
    for vary in ("Cookie", "Accept , cookie"):
        assert lines(answer(Session.send, [("Vary", vary)], None), "Vary") == [vary]
    assert lines(answer(Session.send, [("Vary", "X-Cookie")], None), "Vary")[1:] == ["Cookie"]


@both
def test_error_of_the_commit(answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    """A response of its own, with nothing of the application's or the session's ([COOK-10])."""

    def large(session: Session) -> None:
        session.data["a"] = "x" * 9000

    none = Sessions(Keyring([Entry(key(1), seal_from=2**48 - 1)]), CONTEXT)
    told: list[CookieCommit] = []
    for handler, sessions in ((large, SESSIONS), (Session.send, none)):
        given = {"sessions": sessions, "committed": told.append, "status": 500, "expected": b""}
        headers = answer(handler, [("Set-Cookie", "a=b"), ("Vary", "X")], None, **given)
        assert [(name.lower(), value) for name, value in headers] == [
            ("content-type", "text/plain"),
            ("content-length", "0"),
            ("vary", "Cookie"),
            ("cache-control", "private"),
        ]
    assert told == []
    codes = [record.getMessage().split(": ")[1] for record in caplog.records]
    assert codes == ["cookie_too_large", "no_sealing_key"]
    assert not any("xxx" in record.getMessage() for record in caplog.records)


@both
def test_told_of_the_commit(answer: Answer) -> None:
    told: list[CookieCommit] = []
    answer(Session.sign_off, [], stored(), committed=told.append)
    assert told[0].wrote == "expire"
    assert told[0].ended is not None


@both
def test_octets_of_the_cookie_field(answer: Answer) -> None:
    """latin-1 in the environ, octets in the scope: nothing of a foreign pair changes ours."""
    seen: list[Session] = []
    for foreign in ("a=é", "a=\xff", "\xa0=", 'a="', "a=%C3", "é"):
        answer(seen.append, [], f"{foreign}; {stored()}; {foreign}")
    assert {session.reason for session in seen} == {None}
    seen.clear()
    for space in ("\xa0", "\x85", "\xc2\xa0", "\xe2\x80\x80", "\xef\xbb\xbf", "\x1c"):
        answer(seen.append, [], space + stored())
    assert {session.reason for session in seen} == {"absent"}
