"""Device binding (§21) through the middlewares: a browser with a key in software, and a thief."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from fastapi import FastAPI

from cretula import (
    CallerError,
    Context,
    Cookie,
    DeviceBinding,
    Opening,
    Policy,
    Session,
    Sessions,
    Site,
    asgi,
    base64url,
    wsgi,
)
from cretula.fastapi import CurrentSession
from support import CONTEXT, ring

START, REFRESH = "/device-binding/start", "/device-binding/refresh"
Response = tuple[int, list[tuple[str, str]], str]
Serve = Callable[[str, str, dict[str, str]], Response]
both = pytest.mark.parametrize("kind", ["wsgi", "asgi"])


class Clock:
    now = 1_790_000_000

    def __call__(self) -> float:
        return self.now


def served(
    kind: str, clock: Clock, answers: list[str | None] | None = None, **options: Any
) -> Serve:
    """A site behind one of the middlewares: signs ada on by POST /, and tells who she is."""
    site = Site(ring(1), "shop.example", clock=clock)
    sessions = site.sessions(device_binding=DeviceBinding(**options), policy=Policy(recheck=600))

    def check(opening: Opening) -> Session:
        if answers is not None:
            answers.append(opening.sub)
        return opening.checked(7)

    def handle(method: str, path: str, session: Session) -> bytes:
        if path == "/off":
            session.sign_off()
        elif method == "POST":
            session.sign_on("ada", 7)
        if path == "/full":
            session.data["x"] = "x" * 4000
            session.data["x"] = "x" * (4000 - sessions.excess(session) * 3 // 4 - 3)
        return f"{session.sub} {session.reason} {session.is_bound}".encode()

    if kind == "wsgi":

        def application(environ: Any, start_response: Any) -> list[bytes]:
            session = wsgi.session_of(environ)
            body = handle(environ["REQUEST_METHOD"], environ["PATH_INFO"], session)
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [body]

        before = wsgi.SessionMiddleware(application, sessions, check=check)

        def by_wsgi(method: str, path: str, fields: dict[str, str]) -> Response:
            names = {f"HTTP_{one.upper().replace('-', '_')}": text for one, text in fields.items()}
            heads: list[tuple[str, Any]] = []
            environ = {"REQUEST_METHOD": method, "PATH_INFO": path, **names}
            body = before(environ, lambda *head: heads.append(head[:2]))  # type: ignore
            text = b"".join(body).decode()
            (head,) = heads
            return int(head[0][:3]), head[1], text

        return by_wsgi

    async def asynchronous(scope: Any, receive: Any, send: Any) -> None:
        session = asgi.session_of(scope)
        body = handle(scope["method"], scope["path"], session)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    async def check_later(opening: Opening) -> Session:
        return check(opening)

    return by_asgi(asgi.SessionMiddleware(asynchronous, sessions, check=check_later))


def by_asgi(application: Any) -> Serve:
    def serve(method: str, path: str, fields: dict[str, str]) -> Response:
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        headers = [(name.encode(), text.encode()) for name, text in fields.items()]
        scope: dict[str, Any] = {"type": "http", "method": method, "path": path}
        scope |= {"headers": headers, "query_string": b"", "root_path": "", "scheme": "https"}
        asyncio.run(application(scope, receive, send))
        start, *rest = messages
        given = [(name.decode(), text.decode()) for name, text in start["headers"]]
        return start["status"], given, b"".join(one["body"] for one in rest).decode()

    return serve


class Browser:
    """Cookies, and a key."""

    def __init__(self, serve: Serve) -> None:
        self.serve = serve
        self.cookies: dict[str, str] = {}
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = ""

    def ask(self, method: str, path: str, **more: str) -> Response:
        cookie = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        fields = {"cookie": cookie, **{name.replace("_", "-"): text for name, text in more.items()}}
        status, headers, body = self.serve(method, path, fields)
        for name, line in headers:
            if name.lower() == "set-cookie":
                pair, _, attributes = line.partition(";")
                own, _, text = pair.partition("=")
                self.cookies.pop(own, None)
                if "Max-Age=0;" not in attributes:
                    self.cookies[own] = text
        return status, [(name.lower(), text) for name, text in headers], body

    def page(self) -> str:
        return self.ask("GET", "/")[2]

    def signed(self, jti: str, **header: Any) -> str:
        parts = [{"alg": "ES256", **header, "typ": "dbsc+jwt"}, {"jti": jti}]
        message = ".".join(base64url.encode(json.dumps(part).encode()) for part in parts)
        pair = decode_dss_signature(self.key.sign(message.encode(), ec.ECDSA(SHA256())))
        return f"{message}.{base64url.encode(b''.join(n.to_bytes(32, 'big') for n in pair))}"

    @property
    def jwk(self) -> dict[str, str]:
        numbers = self.key.public_key().public_numbers()
        x, y = (base64url.encode(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    def register(self, headers: list[tuple[str, str]]) -> Response:
        (offer,) = (text for name, text in headers if name == "secure-session-registration")
        jwt = self.signed(offer.split('"')[3], jwk=self.jwk)
        status, headers, body = self.ask("POST", START, secure_session_response=jwt)
        if status == 200:
            self.id = json.loads(body)["session_identifier"]
        return status, headers, body

    def refresh(self, **header: Any) -> Response:
        asked = self.ask("POST", REFRESH, sec_secure_session_id=self.id)
        if asked[0] != 403:
            return asked
        (challenge,) = (text for name, text in asked[1] if name == "secure-session-challenge")
        jwt = self.signed(challenge.split('"')[1], **header)
        more = {"sec_secure_session_id": self.id, "secure_session_response": jwt}
        return self.ask("POST", REFRESH, **more)


@both
def test_a_copy_dies_with_its_proof(kind: str) -> None:
    clock, asked = Clock(), []  # type: ignore[var-annotated]
    serve = served(kind, clock, asked)
    browser = Browser(serve)
    offered = browser.ask("POST", "/")
    assert browser.page() == "ada None False"
    status, headers, _ = browser.register(offered[1])
    assert status == 200
    assert ("content-type", "application/json") in headers
    assert [text for name, text in headers if name == "vary"] == ["Cookie"]
    assert browser.page() == "ada None True"

    thief = Browser(serve)
    thief.cookies, thief.id = dict(browser.cookies), browser.id
    clock.now += 59  # the first proof is a short one
    assert thief.page() == "ada None True"
    clock.now += 1
    assert thief.page() == "None unproven False"
    assert thief.refresh()[0] == 401
    assert thief.refresh(jwk=thief.jwk)[0] == 401  # no key of a header's
    assert thief.page() == "None unproven False"

    asked.clear()
    assert browser.refresh()[0] == 200
    assert asked == ["ada"]
    assert browser.page() == "ada None True"
    assert asked == ["ada"]  # the proof tells that the check was answered
    browser.ask("GET", "/off")
    assert not browser.cookies.keys() & {"__Host-session.proof", "__Host-Http-session"}
    over = f'{{"session_identifier":"{browser.id}","continue":false}}'
    assert browser.refresh()[::2] == (200, over)


@both
def test_a_copy_without_its_proof_is_refused(kind: str) -> None:
    serve = served(kind, Clock())
    browser = Browser(serve)
    browser.register(browser.ask("POST", "/")[1])
    thief = Browser(serve)
    thief.cookies = {"__Host-Http-session": browser.cookies["__Host-Http-session"]}
    assert thief.page() == "None unproven False"
    other = Browser(serve)
    other.register(other.ask("POST", "/")[1])
    thief.cookies["__Host-session.proof"] = other.cookies["__Host-session.proof"]
    assert thief.page() == "None unproven False"
    thief.id = other.id  # of a key that the thief does not have either
    assert thief.refresh()[0::2] == (200, f'{{"session_identifier":"{other.id}","continue":false}}')
    assert browser.page() == "ada None True"


@both
def test_a_slow_response_unbinds_until_the_next_refresh(kind: str) -> None:
    browser = Browser(served(kind, Clock()))
    offered = browser.ask("POST", "/")
    before = dict(browser.cookies)
    browser.register(offered[1])
    browser.cookies |= before
    assert browser.page() == "ada None False"
    assert browser.refresh()[0] == 200
    assert browser.page() == "ada None True"
    # A sign-on in the same browser ends the earlier device session.
    browser.ask("POST", "/")
    assert '"continue":false' in browser.refresh()[2]
    assert browser.page() == "ada None False"


@both
def test_a_session_that_has_to_be_bound(kind: str) -> None:
    clock = Clock()
    browser = Browser(served(kind, clock, require_after=60))
    browser.ask("POST", "/")
    clock.now += 59
    assert browser.page() == "ada None False"
    clock.now += 1
    assert browser.page() == "None unproven False"


@both
def test_a_check_that_is_not_due_is_not_asked(kind: str) -> None:
    clock, asked = Clock(), []  # type: ignore[var-annotated]
    browser = Browser(served(kind, clock, asked))
    browser.ask("POST", "/")
    asked.clear()
    clock.now += 599
    assert browser.page() == "ada None False"
    assert asked == []
    clock.now += 1
    assert browser.page() == "ada None False"
    assert asked == ["ada"]
    clock.now += 599  # the answer is in the session now
    assert browser.page() == "ada None False"
    assert asked == ["ada"]


@both
def test_a_registration_that_cannot_be_written(kind: str) -> None:
    """The error page has nothing of the binding, and the session stays as it was."""
    browser = Browser(served(kind, Clock()))
    offered = browser.ask("POST", "/full")
    status, headers, _ = browser.register(offered[1])
    assert status == 500
    assert not {"set-cookie", "secure-session-challenge"} & {name for name, _ in headers}
    assert browser.page() == "ada None False"


@both
def test_without_a_clock_the_device_session_goes_on(kind: str) -> None:
    clock = Clock()
    serve = served(kind, clock)
    clock.now = -1
    for path, name in ((START, "secure-session-response"), (REFRESH, "sec-secure-session-id")):
        assert serve("POST", path, {name: "x"})[0] == 503


@both
def test_the_endpoints_take_nothing_else(kind: str) -> None:
    serve = served(kind, Clock())
    for path in (START, REFRESH):
        status, headers, body = serve("POST", path, {})
        assert (status, body) == (401, "")
        assert ("cache-control", "no-store") in [(name.lower(), text) for name, text in headers]
        assert serve("GET", path, {})[0] == 200  # the application's


def test_fastapi_mounts_nothing() -> None:
    app = FastAPI()
    sessions = Site(ring(1), "shop.example").sessions(device_binding=DeviceBinding())
    app.add_middleware(
        asgi.SessionMiddleware, sessions=sessions, check=lambda opening: opening.checked(7)
    )

    @app.post("/")
    async def sign_on(session: CurrentSession) -> None:
        session.sign_on("ada", 7)

    @app.get("/")
    async def page(session: CurrentSession) -> bool:
        return session.is_bound

    browser = Browser(by_asgi(app))
    assert browser.register(browser.ask("POST", "/")[1])[0] == 200
    assert browser.page() == "true"
    assert browser.refresh()[0] == 200


def test_the_path_is_the_whole_one() -> None:
    """Of an application that a server mounts below one of its paths, too."""
    sessions = Sessions(ring(1), CONTEXT, device_binding=DeviceBinding(path="/shop/device"))
    heads: list[Any] = []
    before = wsgi.SessionMiddleware(lambda *_: [b"page"], sessions, check=Opening.unchecked)
    environ = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": "/shop", "PATH_INFO": "/device/start"}
    before(environ, lambda *head: heads.append(head))  # type: ignore
    assert heads[0][0] == "401 Unauthorized"


def test_a_check_that_raises_is_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    browser = Browser(served("wsgi", clock))
    browser.register(browser.ask("POST", "/")[1])

    def check(opening: Opening) -> Session:
        raise OSError("the database is down")

    site = Site(ring(1), "shop.example", clock=clock)
    sessions = site.sessions(device_binding=DeviceBinding())
    before = wsgi.SessionMiddleware(lambda *_: [], sessions, check=check)
    opening = sessions.device_request("POST", REFRESH, lambda _: [])
    assert opening is not None
    assert opening.opening is None
    heads: list[Any] = []
    asked = browser.ask("POST", REFRESH, sec_secure_session_id=browser.id)
    (challenge,) = (text for name, text in asked[1] if name == "secure-session-challenge")
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": REFRESH,
        "HTTP_COOKIE": "; ".join(f"{name}={text}" for name, text in browser.cookies.items()),
        "HTTP_SEC_SECURE_SESSION_ID": browser.id,
        "HTTP_SECURE_SESSION_RESPONSE": browser.signed(challenge.split('"')[1]),
    }
    before(environ, lambda *head: heads.append(head))  # type: ignore
    assert heads[0][0] == "503 Service Unavailable"
    assert "the check of a session failed" in caplog.text


def test_settings() -> None:
    for options in ({"path": "/"}, {"path": "/a/"}, {"proof": 0}, {"proof": 3601}):
        with pytest.raises(CallerError, match="device_settings"):
            DeviceBinding(**options)
    with pytest.raises(TypeError):
        DeviceBinding(proof=True)
    for cookie in (Cookie("session"), Cookie("__Host-s", partitioned=True)):
        with pytest.raises(CallerError, match="cookie_attributes"):
            Sessions(ring(1), CONTEXT, cookie=cookie, device_binding=DeviceBinding())
    with pytest.raises(CallerError, match="context_invalid"):
        Sessions(ring(1), Context("a", "p" * 246), device_binding=DeviceBinding())
    site = Site(ring(1), "shop.example")
    site.sessions(device_binding=DeviceBinding())
    for token in ("challenge", "device", "proof"):
        with pytest.raises(CallerError, match="cookie_clash"):
            site.sealer(f"session.{token}")
    with pytest.raises(CallerError, match="cookie_clash"):
        site.sessions(purpose="remember", device_binding=DeviceBinding())
    site.sessions(purpose="remember", device_binding=DeviceBinding(path="/remember"))
    development = Site(ring(1), "shop.example", development=True)
    assert development.sessions(device_binding=DeviceBinding())._device is None


def test_an_offer_that_fails_is_a_failure_of_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session can be committed again ([DEV-05], [SESS-26])."""
    sessions = Sessions(ring(1), CONTEXT, device_binding=DeviceBinding())
    session = sessions.open([]).checked(None)
    session.sign_on("ada", 7)
    system, left = os.urandom, [16, 24]  # the session's sid; its salt and iv

    def fails(count: int) -> bytes:
        if not left:
            raise OSError
        assert left.pop(0) == count
        return system(count)

    monkeypatch.setattr("os.urandom", fails)
    with pytest.raises(CallerError, match="no_randomness"):
        sessions.commit(session)
    monkeypatch.undo()
    assert "Secure-Session-Registration" in dict(sessions.commit(session).headers)


def test_an_answer_is_sealed_under_one_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes into force while it is made ([RING-17])."""
    sessions = Sessions(ring(1), CONTEXT, device_binding=DeviceBinding())
    browser = Browser(lambda *_: pytest.fail("no server"))
    session = sessions.open([]).checked(None)
    session.sign_on("ada", 7)
    headers = dict(sessions.commit(session).headers)
    jwt = browser.signed(headers["Secure-Session-Registration"].split('"')[3], jwk=browser.jwk)
    values = {"cookie": headers["Set-Cookie"].split(";")[0], "secure-session-response": jwt}

    def asked(path: str, **values: str) -> Any:
        fields = {name.replace("_", "-"): text for name, text in values.items()}
        one = sessions.device_request(
            "POST", path, lambda name: [fields[name].encode()] if name in fields else []
        )
        assert one is not None
        return one

    request = asked(START, **values)
    session, system = request.opening.checked(7), os.urandom

    def exchanging(count: int) -> bytes:
        sessions.replace_keyring(ring(2))
        return system(count)

    monkeypatch.setattr("os.urandom", exchanging)
    response = request.respond(session)
    monkeypatch.undo()
    sessions.replace_keyring(ring(1))
    lines = [line.split(";")[0] for name, line in response.headers if name == "Set-Cookie"]
    assert len(lines) == 2
    assert sessions.open([line.encode() for line in lines]).checked(7).reason is None
    device = json.loads(response.body)["session_identifier"]
    refresh = asked(REFRESH, cookie="; ".join(lines), sec_secure_session_id=device)
    assert refresh.respond().status == 403


def test_an_exchange_of_the_ring_reaches_the_three_tokens() -> None:
    clock = Clock()
    site = Site(ring(1), "shop.example", clock=clock)
    sessions = site.sessions(device_binding=DeviceBinding())
    before = sessions._profile._unsealer._ring
    site.replace_keyring(ring(2))
    after = sessions._profile._unsealer._ring
    assert len(before.beside) == len(after.beside) == 3
    for one, other in zip(before.beside, after.beside, strict=True):
        assert not one.by_key_id.keys() & other.by_key_id.keys()
    assert sessions._device is not None
    for unsealer in sessions._device._unsealers.values():
        assert unsealer._ring is after
