"""Cretula for Python beside what else seals a session there.

`../run.py` runs it, with settings as its argument; it prints what was measured as JSON.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http.cookies import SimpleCookie
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from typing import Any

import jwt as pyjwt
from cretula import Entry, Key, Keyring, Opening, Session, Site, asgi, wsgi
from cretula.testing import signed_on
from cryptography.fernet import Fernet
from cryptography.hazmat.backends.openssl import backend
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT
from starlette.middleware.sessions import SessionMiddleware
from werkzeug.test import EnvironBuilder

SETTINGS = json.loads(sys.argv[1])
TEXT: str = SETTINGS["text"]
TTL: int = SETTINGS["ttl"]
TOKENS: int = SETTINGS["tokens"]
ENCRYPTED = "encrypted"
SIGNED = "signed only"

site = Site(Keyring([Entry(Key.generate())]), "shop.example")
secret = os.urandom(32)


# Text in, token out; token in, text out.


@dataclass
class Tokens:
    name: str
    kind: str
    seal: Callable[[str], str]
    unseal: Callable[[str], str]


sealer, unsealer = site.sealer("invitation"), site.unsealer("invitation")
signer, verifier = site.signer("report"), site.verifier("report")
fernet = Fernet(Fernet.generate_key())
jwk = JWK.generate(kty="oct", size=256)
serializer = URLSafeTimedSerializer(secret)


def make_jwe(text: str) -> str:
    claims = {"exp": int(time.time()) + TTL, "text": text}
    token = JWT(header={"alg": "dir", "enc": "A256GCM"}, claims=claims)
    token.make_encrypted_token(jwk)
    return token.serialize()


def open_jwe(token: str) -> str:
    return json.loads(JWT(key=jwk, jwt=token, expected_type="JWE").claims)["text"]


def make_jwt(text: str) -> str:
    return pyjwt.encode({"exp": int(time.time()) + TTL, "text": text}, secret, algorithm="HS256")


def open_jwt(token: str) -> str:
    return pyjwt.decode(token, secret, algorithms=["HS256"])["text"]


def make_fernet(text: str) -> str:
    return fernet.encrypt(text.encode()).decode()


def open_fernet(token: str) -> str:
    return fernet.decrypt(token, ttl=TTL).decode()


TOKEN_CASES = [
    Tokens(
        "Cretula sealed",
        ENCRYPTED,
        lambda text: sealer.seal(text.encode(), ttl=TTL),
        lambda token: unsealer.unseal(token).payload.decode(),
    ),
    Tokens("cryptography, Fernet", ENCRYPTED, make_fernet, open_fernet),
    Tokens("jwcrypto, dir A256GCM", ENCRYPTED, make_jwe, open_jwe),
    Tokens(
        "Cretula signed",
        SIGNED,
        lambda text: signer.sign(text.encode(), ttl=TTL),
        lambda token: verifier.verify(token).payload.decode(),
    ),
    Tokens(
        "itsdangerous, URLSafeTimedSerializer",
        SIGNED,
        lambda text: str(serializer.dumps(text)),
        lambda token: serializer.loads(token, max_age=TTL),
    ),
    Tokens("PyJWT, HS256", SIGNED, make_jwt, open_jwt),
]


# Whole requests: from the raw Cookie field to the Set-Cookie lines, and what the application read.

Answer = tuple[list[str], dict[str, Any]]
generations = {"ada": 7}
sessions = site.sessions()
FIRST = {"user": "ada", "basket": [17, 4], "note": TEXT}


@dataclass
class Requests:
    name: str
    kind: str
    answer: Callable[[str, Callable[[Any], dict[str, Any]]], Answer]
    """None: the session begins in a request without cookies."""
    first: Callable[[], str] | None = None


def read(session: Any) -> dict[str, Any]:
    return {"user": session["user"], "basket": session["basket"], "note": session["note"]}


def change(session: Any) -> dict[str, Any]:
    session["basket"] = [*session["basket"], 1]
    return read(session)


def begin(session: Any) -> dict[str, Any]:
    session.update(FIRST)
    return read(session)


class Ours:
    """A session of Cretula's as the application sees it: it keeps the user itself."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __getitem__(self, name: str) -> Any:
        return self.session.sub if name == "user" else self.session.data[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.session.data[name] = value


def first_of_ours() -> str:
    return signed_on(sessions, "ada", 7, {"basket": FIRST["basket"], "note": TEXT})


def check(opening: Opening) -> Session:
    return opening.checked(generations.get(opening.sub or ""))


def ours(field: str, use: Callable[[Any], dict[str, Any]]) -> Answer:
    session = check(sessions.open([field.encode("latin-1")]))
    seen = use(Ours(session))
    return [line for name, line in sessions.commit(session).headers if name == "Set-Cookie"], seen


ENVIRON = EnvironBuilder(base_url="https://shop.example").get_environ()


class Handler:
    """What the application of a middleware does with its session; `seen` is what it read."""

    seen: dict[str, Any]

    def __init__(self, use: Callable[[Any], dict[str, Any]]) -> None:
        self.use = use

    def __call__(self, session: Any) -> None:
        self.seen = self.use(session)


def wsgi_application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    environ["handler"](Ours(wsgi.session_of(environ)))
    start_response("200 OK", [])
    return [b""]


wsgi_middleware = wsgi.SessionMiddleware(wsgi_application, sessions, check=check)


def through_wsgi(field: str, use: Callable[[Any], dict[str, Any]]) -> Answer:
    lines: list[str] = []
    handler = Handler(use)

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        lines.extend(value for name, value in headers if name == "Set-Cookie")

    environ = {**ENVIRON, "HTTP_COOKIE": field, "handler": handler}
    body: Any = wsgi_middleware(environ, start_response)
    for _ in body:
        pass
    body.close()
    return lines, handler.seen


def awaited(coroutine: Coroutine[Any, Any, None]) -> None:
    """Runs what waits for nothing, so that no event loop is timed."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("it waits for something")


def through_asgi(
    make: Callable[..., Any], session_of: Callable[[Any], Any]
) -> Callable[..., Answer]:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        scope["handler"](session_of(scope))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    middleware = make(application)

    async def receive() -> Any:
        return {"type": "http.request"}

    def answer(field: str, use: Callable[[Any], dict[str, Any]]) -> Answer:
        lines: list[str] = []
        handler = Handler(use)

        async def send(message: Any) -> None:
            headers = message.get("headers", ())
            lines.extend(value.decode() for name, value in headers if name.lower() == b"set-cookie")

        scope = {
            "type": "http",
            "method": "GET",
            "scheme": "https",
            "path": "/",
            "headers": [(b"host", b"shop.example"), (b"cookie", field.encode("latin-1"))],
            "handler": handler,
        }
        awaited(middleware(scope, receive, send))
        return lines, handler.seen

    return answer


def by_hand(seal: Callable[[str], str], unseal: Callable[[str], str]) -> Callable[..., Answer]:
    """A session that an application keeps in a cookie with its own few lines."""

    def answer(field: str, use: Callable[[Any], dict[str, Any]]) -> Answer:
        cookies = SimpleCookie(field)
        session = json.loads(unseal(cookies["session"].value)) if field else {}
        before = dict(session)
        seen = use(session)
        if session == before:
            return [], seen
        written = SimpleCookie({"session": seal(json.dumps(session))})
        attributes = {"max-age": TTL, "path": "/", "secure": True, "httponly": True}
        written["session"].update({**attributes, "samesite": "Lax"})
        return [written["session"].OutputString()], seen

    return answer


flask = Flask("shop")
flask.secret_key = secret
flask.config.update(
    SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax", PERMANENT_SESSION_LIFETIME=TTL
)
interface = SecureCookieSessionInterface()


def of_flask(field: str, use: Callable[[Any], dict[str, Any]]) -> Answer:
    request = flask.request_class({**ENVIRON, "HTTP_COOKIE": field})
    session = interface.open_session(flask, request)
    seen = use(session)
    response = flask.response_class()
    interface.save_session(flask, session, response)
    return response.headers.getlist("Set-Cookie"), seen


REQUEST_CASES = [
    Requests("Cretula", ENCRYPTED, ours, first_of_ours),
    Requests("Cretula, WSGI middleware", ENCRYPTED, through_wsgi, first_of_ours),
    Requests(
        "Cretula, ASGI middleware",
        ENCRYPTED,
        through_asgi(
            lambda application: asgi.SessionMiddleware(application, sessions, check=check),
            lambda scope: Ours(asgi.session_of(scope)),
        ),
        first_of_ours,
    ),
    Requests("Fernet, json, SimpleCookie", ENCRYPTED, by_hand(make_fernet, open_fernet)),
    Requests("jwcrypto, json, SimpleCookie", ENCRYPTED, by_hand(make_jwe, open_jwe)),
    Requests("Flask, SecureCookieSessionInterface", SIGNED, of_flask),
    Requests(
        "Starlette, SessionMiddleware",
        SIGNED,
        through_asgi(
            lambda application: SessionMiddleware(
                application, secret.hex(), max_age=TTL, https_only=True
            ),
            lambda scope: scope["session"],
        ),
    ),
]


@dataclass
class Case:
    name: str
    kind: str
    run: Callable[[], Any]
    check: Callable[[Any], None]


def require(truth: bool, words: str) -> None:
    if not truth:
        raise SystemExit(words)


def sealing(case: Tokens) -> Case:
    def check(token: str) -> None:
        require(case.unseal(token) == TEXT, f"{case.name}: another text")

    return Case(case.name, case.kind, lambda: case.seal(TEXT), check)


def unsealing(case: Tokens) -> Case:
    tokens = [case.seal(TEXT) for _ in range(TOKENS)]
    if (
        case.kind == ENCRYPTED
    ):  # what signs without randomness makes the same one in the same second
        require(len(set(tokens)) == TOKENS, f"{case.name}: a token came twice")
    at = len(tokens[0]) // 2
    altered = tokens[0][:at] + ("B" if tokens[0][at] == "A" else "A") + tokens[0][at + 1 :]
    try:
        case.unseal(altered)
    except Exception:
        pass
    else:
        raise SystemExit(f"{case.name} opened an altered token")

    def check(text: str) -> None:
        require(text == TEXT, f"{case.name}: another text")

    turn = cycle(tokens)
    return Case(case.name, case.kind, lambda: case.unseal(next(turn)), check)


def pairs(lines: list[str]) -> str:
    return "; ".join(line.partition(";")[0] for line in lines)


def requesting(changes: bool) -> Callable[[Requests], Case]:
    use = change if changes else read

    def make(case: Requests) -> Case:
        def first() -> str:
            own = pairs(case.answer("", begin)[0]) if case.first is None else case.first()
            return f"theme=dark; _ga=GA1.2.1234567890.1234567890; {own}"

        def check(answer: Answer) -> None:
            lines, seen = answer
            wanted = {**FIRST, "basket": [17, 4, 1]} if changes else FIRST
            require(seen == wanted, f"{case.name} read {seen}")
            require(bool(lines) == changes, f"{case.name} wrote {lines}")
            if changes:
                require(
                    case.answer(pairs(lines), read)[1] == wanted, f"{case.name}: a change was lost"
                )

        turn = cycle([first() for _ in range(TOKENS)])
        return Case(case.name, case.kind, lambda: case.answer(next(turn), use), check)

    return make


def timed(run: Callable[[], Any], calls: int) -> float:
    """Seconds of processor time that so many calls take."""
    begun = time.process_time()
    for _ in range(calls):
        run()
    return time.process_time() - begun


def calibrate(run: Callable[[], Any]) -> int:
    """Warms a case up, and returns how many calls take about a turn."""
    calls, spent, turn = 1, 0.0, SETTINGS["turn"] / 1000
    while True:
        took = timed(run, calls)
        spent += took
        if took >= turn and spent >= SETTINGS["warm_up"] / 1000:
            return max(1, round(calls * turn / took))
        if took < turn:
            calls *= 2


def measure(cases: list[Case]) -> list[dict[str, Any]]:
    for case in cases:
        for _ in range(TOKENS):
            case.check(case.run())
    rounds: int = SETTINGS["rounds"]
    if rounds == 0:
        return []
    calls = [calibrate(case.run) for case in cases]
    times: list[list[float]] = [[] for _ in cases]
    for number in range(rounds):
        for place in range(len(cases)):
            at = (number + place) % len(cases)
            times[at].append(timed(cases[at].run, calls[at]) * 1e6 / calls[at])
    return [
        {"name": case.name, "kind": case.kind, "microseconds": sorted(mine)[rounds // 2]}
        for case, mine in zip(cases, times, strict=True)
    ]


def main() -> None:
    sections = [
        ("seal", [sealing(case) for case in TOKEN_CASES]),
        ("unseal", [unsealing(case) for case in TOKEN_CASES]),
        ("read", [requesting(False)(case) for case in REQUEST_CASES]),
        ("change", [requesting(True)(case) for case in REQUEST_CASES]),
    ]
    measured = [{"section": name, "cases": measure(cases)} for name, cases in sections]
    required = Path(__file__).with_name("requirements.txt").read_text()
    peers = re.findall(r"^([\w-]+)==", required, re.MULTILINE)
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    print(
        json.dumps(
            {
                "runtime": f"{runtime}, {backend.openssl_version_text()}",
                "peers": [f"{name} {version(name)}" for name in peers],
                "sections": measured,
            }
        )
    )


if __name__ == "__main__":
    main()
