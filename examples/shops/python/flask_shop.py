"""The small shop on Flask 3."""

import logging
import os
import re
from contextlib import suppress

from cretula import CookieCommit, CookieTooLarge, InvalidToken, Opening, Session, Site
from cretula.wsgi import SessionMiddleware, cookie_fields, session_of
from flask import Flask, Response, redirect, request
from werkzeug.serving import make_server

logging.basicConfig(level=logging.INFO)
logging.getLogger("werkzeug").setLevel(logging.ERROR)
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
app = Flask(__name__)
# [set-up]
hooks = {"check": check, "on_commit": on_commit, "page": page}
app.wsgi_app = SessionMiddleware(app.wsgi_app, site.sessions(), **hooks, same_site_posts=True)
# [/]
# [return-url]
return_url = site.cookie("return-url", ttl=600)
# [/]


@app.after_request
def as_text(response: Response) -> Response:
    response.content_type = "text/plain; charset=utf-8"
    return response


@app.get("/")
def home() -> str:
    session = session_of(request.environ)
    lines = [
        f"user: {session.sub or 'guest'}",
        f"basket: {', '.join(session.data.get('basket', []))}",
    ]
    # [flash]
    lines += [f"message: {message}" for message in session.take_flash("info")]
    # [/]
    return "\n".join([*lines, ""])


@app.get("/account")
def account() -> Response | str:
    sub = session_of(request.environ).sub
    if sub:
        return f"account of {sub}\n"
    response = redirect("/sign-on", 303)
    # [return-url]
    response.headers.extend(return_url.write(b"/account"))
    # [/]
    return response


@app.get("/sign-on")
def sign_on_page() -> str:
    return "please sign on\n"


@app.post("/sign-on")
def sign_on() -> Response | tuple[str, int]:
    sub, to = request.form.get("sub"), "/"
    if sub not in users:
        return "no such user\n", 403  # the password would be looked at here
    session = session_of(request.environ)
    # [sign-on]
    session.sign_on(sub, users[sub], keep=["basket"])
    # [/]
    # [flash]
    session.flash("info", f"Welcome, {sub}")
    # [/]
    # [return-url]
    with suppress(InvalidToken):  # none, or it is over
        to = return_url.read(cookie_fields(request.environ)).payload.decode()
    response = redirect(to if re.match(r"/(?![/\\])", to) else "/", 303)
    response.headers.extend(return_url.expire())
    # [/]
    return response


@app.post("/basket")
def basket() -> Response:
    session_of(request.environ).data.setdefault("basket", []).append(request.form.get("item"))
    return redirect("/", 303)


@app.post("/sign-off")
def sign_off() -> Response:
    # [sign-on]
    session_of(request.environ).sign_off()
    # [/]
    return redirect("/", 303)


@app.post("/sign-off-everywhere")
def sign_off_everywhere() -> Response:
    session = session_of(request.environ)
    if session.sub:
        # [sign-on]
        users[session.sub] += 1
        session.sign_off()
        # [/]
    return redirect("/", 303)


if __name__ == "__main__":
    server = make_server("127.0.0.1", int(os.environ["PORT"]), app, threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
