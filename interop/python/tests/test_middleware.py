"""What the WSGI and the ASGI middleware both do, with an application that gets the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cretula import (
    CookieCommit,
    CookieTooLarge,
    Entry,
    Keyring,
    NotNow,
    Opening,
    PayloadUnserializable,
    Session,
    Sessions,
    asgi,
    wsgi,
)
from cretula.testing import signed_on
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
from support import CONTEXT, key, ring

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
        given: dict[str, Any] = {"sessions": sessions, "on_commit": told.append, "status": 500}
        given["expected"] = b"Internal Server Error\n"
        headers = answer(handler, [("Set-Cookie", "a=b"), ("Vary", "X")], None, **given)
        assert [(name.lower(), value) for name, value in headers] == [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", "22"),
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
    answer(Session.sign_off, [], stored(), on_commit=told.append)
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


def down(opening: Opening) -> Session:
    raise ConnectionError("no database")


@both
def test_check_that_raises(answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    """It is heard of, with its own error; the session is closed, and no log holds a token."""
    caplog.set_level("DEBUG", "cretula")
    seen: list[Session] = []
    cookie = stored()
    headers = answer(seen.append, [], cookie, check=down)
    assert (seen[0].reason, lines(headers)) == ("unchecked", [])
    assert "no database" in caplog.text
    assert "session refused: unchecked" in caplog.text
    assert "CrE1" not in caplog.text

    def late(opening: Opening) -> Session:
        opening.checked(7)
        raise ConnectionError("after it")

    with pytest.raises(ConnectionError):
        answer(seen.append, [], cookie, check=late)


@both
def test_nothing_is_written_over_a_session_that_may_hold(answer: Answer) -> None:
    cookie = stored()
    refused = {"check": down, "status": 503, "expected": b"Service Unavailable\n"}
    for handler in (
        lambda session: session.data.update(a=1),
        lambda session: session.flash("notice", 1),
        Session.send,
    ):
        assert lines(answer(handler, [("Set-Cookie", "a=b")], cookie, **refused)) == []
        headers = answer(handler, [], cookie, check=down, not_now="guest")
        assert len(lines(headers)) == 1

    def bye(session: Session) -> None:
        session.sign_off()
        session.flash("notice", "bye")

    for handler in (lambda session: session.sign_on("eve", 1), Session.sign_off, bye):
        assert lines(answer(handler, [], cookie, check=down))
    with pytest.raises(ValueError, match="not_now"):
        answer(bye, [], cookie, not_now="503 ")


@both
def test_page_of_the_application(answer: Answer) -> None:
    def page(error: Exception, status: int) -> str:
        assert isinstance(error, CookieTooLarge)
        assert (status, error.largest) == (500, "a")
        return f"<p>{error.over} octets too many"

    headers = answer(
        lambda session: session.data.update(a="x" * 9000),
        [],
        None,
        page=page,
        status=500,
        expected=b"<p>8159 octets too many",
    )
    assert lines(headers, "Content-Type") == ["text/html; charset=utf-8"]


@both
def test_deny_list_that_fails(answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    """The response that would say that all is well is dropped."""

    def deny(commit: CookieCommit) -> None:
        raise ConnectionError(f"no redis for {len(commit.ended)}")

    given = {"on_commit": deny, "status": 500, "expected": b"Internal Server Error\n"}
    assert lines(answer(Session.sign_off, [], stored(), **given)) == []
    assert "no redis for 1" in caplog.text


@both
def test_member_that_cannot_be_written(answer: Answer) -> None:
    errors: list[Exception] = []

    def page(error: Exception, status: int) -> str:
        errors.append(error)
        return ""

    for change in (
        lambda session: session.data.update(a=1, avatar=b"x"),
        lambda session: session.flash("notice", {1, 2}),
    ):
        answer(change, [], None, page=page, status=500, expected=b"")
    members = [error.member for error in errors if isinstance(error, PayloadUnserializable)]
    assert members == ["data['avatar']", "flash['notice']"]


def test_mounted_twice() -> None:
    """The outer one commits, and alone: the inner one's sign-on is not followed by a refresh."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        wsgi.session_of(environ).sign_on("ada", 7)
        start_response("200 OK", [TEXT])
        return [b""]

    inner = wsgi.SessionMiddleware(application, SESSIONS, check=check)
    headers, _ = call(inner, None)
    assert (len(lines(headers)), lines(headers, "Vary")) == (1, ["Cookie"])
    other = Sessions(ring(1), CONTEXT)
    with pytest.raises(RuntimeError, match="two middlewares"):
        call(wsgi.SessionMiddleware(application, other, check=check), None)

    async def asgi_application(scope: Any, receive: Any, send: Any) -> None:
        asgi.session_of(scope).sign_on("ada", 7)
        await send({"type": "http.response.start", "status": 200})

    for sessions in (SESSIONS, other):
        twice = asgi.SessionMiddleware(asgi_application, sessions, check=check)
        if sessions is SESSIONS:
            [start] = ask(twice, [])
            names = [name for name, _ in start["headers"]]
            assert (names.count(b"set-cookie"), names.count(b"vary")) == (1, 1)
        else:
            with pytest.raises(RuntimeError, match="two middlewares"):
                ask(twice, [])


def test_signed_on() -> None:
    cookie = signed_on(SESSIONS, "ada", 7, {"theme": "dark"})
    session = SESSIONS.open([cookie.encode()]).checked(7)
    assert (session.sub, session.data) == ("ada", {"theme": "dark"})


def test_attributes_that_do_not_exist() -> None:
    """`session.theme = 1` in the place of `session.data["theme"] = 1` would be lost."""
    session = SESSIONS.open([]).unchecked()
    with pytest.raises(AttributeError):
        session.theme = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match=r"gen must be an int .*, not str"):
        session.sign_on("ada", "7")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="generation must be an int, not str"):
        SESSIONS.open([]).checked("7")  # type: ignore[arg-type]


FOREIGN: list[tuple[str, dict[str, str], bool]] = [
    ("POST", {"sec-fetch-site": "cross-site"}, True),
    ("POST", {"sec-fetch-site": "same-site"}, True),
    ("PUT", {"sec-fetch-site": ""}, True),
    ("POST", {"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, False),
    ("DELETE", {"sec-fetch-site": "none"}, False),
    ("GET", {"sec-fetch-site": "cross-site"}, False),
    ("HEAD", {"sec-fetch-site": "cross-site"}, False),
    ("OPTIONS", {"origin": "https://evil.example"}, False),
    ("POST", {"origin": "https://shop.example"}, False),
    ("POST", {"origin": "https://SHOP.example"}, False),
    ("POST", {"origin": "https://shop.example:8443"}, True),
    ("POST", {"origin": "https://evil.example"}, True),
    ("POST", {"origin": "https://shop.example.evil.example"}, True),
    ("POST", {"origin": "null"}, True),
    ("POST", {"origin": ""}, True),
    ("POST", {}, False),
]


@both
@pytest.mark.parametrize(("method", "headers", "refused"), FOREIGN)
def test_posts_from_pages_of_other_origins(
    answer: Answer, method: str, headers: dict[str, str], refused: bool
) -> None:
    request = {"method": method, "request": {"host": "shop.example", **headers}}
    assert lines(answer(Session.send, [], None, **request)) != []
    expected: dict[str, Any] = {"status": 403, "expected": b"Forbidden\n"} if refused else {}
    got = answer(Session.send, [], None, same_site_posts=True, **request, **expected)
    assert (lines(got) == []) == refused


@both
def test_need(answer: Answer) -> None:
    """A page that must not be shown as to a guest is a 503, whatever becomes of the exception."""
    cookie = stored()
    answer(Session.need, [], cookie)
    answer(Session.need, [], None)  # a guest is one

    def caught(session: Session) -> None:
        with pytest.raises(NotNow, match="unchecked"):
            session.need()

    unavailable: dict[str, Any] = {"check": down, "status": 503}
    unavailable["expected"] = b"Service Unavailable\n"
    for handler in (Session.need, caught):
        headers = answer(handler, [("Set-Cookie", "a=b")], cookie, **unavailable)
        assert (lines(headers), lines(headers, "Cache-Control")) == ([], ["private"])


@both
def test_page_with_a_status_of_its_own(answer: Answer) -> None:
    def large(session: Session) -> None:
        session.data["a"] = "x" * 9000

    def page(error: Exception, status: int) -> tuple[int, str]:
        assert isinstance(error, CookieTooLarge)
        return 413, f"{error.largest}: {error.over}"

    headers = answer(large, [], None, page=page, status=413, expected=b"a: 8159")
    assert lines(headers, "Content-Length") == ["7"]


@both
def test_warning_of_a_cookie_that_does_not_come_back(
    answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    plain = {"host": "shop.test", "user-agent": "a"}
    cases: list[tuple[dict[str, str], dict[str, str], bool, bool]] = [
        (plain, plain, False, True),
        ({**plain, "host": "shop.test:80"}, plain, False, True),
        (plain, plain, True, False),
        (plain, {**plain, "x-forwarded-for": "192.0.2.7"}, False, False),
        (plain, {**plain, "user-agent": "b"}, False, False),
        ({**plain, "host": "localhost:8080"}, {**plain, "host": "localhost:8080"}, False, False),
        ({**plain, "host": "127.0.0.1"}, {**plain, "host": "127.0.0.1"}, False, False),
        ({**plain, "host": "[::1]:80"}, {**plain, "host": "[::1]:80"}, False, False),
        ({**plain, "x-forwarded-proto": "https"}, plain, False, False),
    ]
    for first, second, comes_back, warned in cases:
        caplog.clear()
        middleware: dict[str, Any] = {"keep": {}}
        cookie = jar(answer(Session.send, [], None, request=first, **middleware))
        if comes_back:
            answer(lambda _: None, [], cookie, request=second, **middleware)
        for _ in range(3):
            answer(lambda _: None, [], None, request=second, **middleware)
        said = [record for record in caplog.records if "did not come back" in record.getMessage()]
        assert len(said) == int(warned), (first, second)
        assert all(record.levelname == "WARNING" for record in said)
