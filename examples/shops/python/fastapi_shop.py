"""The small shop on FastAPI."""

import logging
import os
import re
import socket
from contextlib import suppress
from typing import Annotated

import uvicorn
from cretula import CookieCommit, CookieTooLarge, InvalidToken, Opening, Session, Site
from cretula.asgi import SessionMiddleware, cookie_fields
from cretula.fastapi import CurrentSession
from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

logging.basicConfig(level=logging.INFO)
users = {"ada": 1}  # your table: the session generation of each user

# [set-up]
site = Site.watching(os.environ["KEYS"], "shop.example", every=1)
denied = {}  # the deny-list: a session ID, and until when to keep it


def check(opening: Opening) -> Session:
    if opening.sid in denied or (opening.sub and opening.sub not in users):
        opening.deny()
    return opening.checked(users.get(opening.sub))


def on_commit(commit: CookieCommit) -> None:
    denied.update((ended.sid, ended.end) for ended in commit.ended)


# [/]
# [too-large]
def page(error: Exception, status: int) -> str | tuple[int, str]:
    if isinstance(error, CookieTooLarge):
        return 413, f"{error.largest}: {error.over} octets too many\n"
    return "try again in a moment\n"


# [/]
app = FastAPI(default_response_class=PlainTextResponse)
# [set-up]
hooks = {"check": check, "on_commit": on_commit, "page": page}
app.add_middleware(SessionMiddleware, site.sessions(), **hooks, same_site_posts=True)
# [/]
# [return-url]
return_url = site.cookie("return-url", ttl=600)
# [/]
Field = Annotated[str, Form()]


@app.api_route("/", methods=["GET", "HEAD"])
async def home(session: CurrentSession) -> str:
    items = ", ".join(session.data.get("basket", []))
    lines = [f"user: {session.sub or 'guest'}", f"basket: {items}"]
    # [flash]
    lines += [f"message: {message}" for message in session.take_flash("info")]
    # [/]
    return "\n".join([*lines, ""])


@app.get("/account", response_model=None)
async def account(session: CurrentSession) -> RedirectResponse | str:
    if session.sub:
        return f"account of {session.sub}\n"
    response = RedirectResponse("/sign-on", 303)
    # [return-url]
    for name, value in return_url.write(b"/account"):
        response.headers.append(name, value)
    # [/]
    return response


@app.get("/sign-on")
async def sign_on_page() -> str:
    return "please sign on\n"


@app.post("/sign-on")
async def sign_on(request: Request, session: CurrentSession, sub: Field = "") -> Response:
    to = "/"
    if sub not in users:
        return PlainTextResponse("no such user\n", 403)  # the password would be looked at here
    # [sign-on]
    session.sign_on(sub, users[sub], keep=["basket"])
    # [/]
    # [flash]
    session.flash("info", f"Welcome, {sub}")
    # [/]
    # [return-url]
    with suppress(InvalidToken):  # none, or it is over
        to = return_url.read(cookie_fields(request.scope)).payload.decode()
    response = RedirectResponse(to if re.match(r"/(?![/\\])", to) else "/", 303)
    for name, value in return_url.expire():
        response.headers.append(name, value)
    # [/]
    return response


@app.post("/basket")
async def basket(session: CurrentSession, item: Field = "") -> RedirectResponse:
    session.data.setdefault("basket", []).append(item)
    return RedirectResponse("/", 303)


@app.post("/sign-off")
async def sign_off(session: CurrentSession) -> RedirectResponse:
    # [sign-on]
    session.sign_off()
    # [/]
    return RedirectResponse("/", 303)


@app.post("/sign-off-everywhere")
async def sign_off_everywhere(session: CurrentSession) -> RedirectResponse:
    if session.sub:
        # [sign-on]
        users[session.sub] += 1
        session.sign_off()
        # [/]
    return RedirectResponse("/", 303)


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])
