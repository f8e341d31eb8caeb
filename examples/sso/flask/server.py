"""One of five servers that share a session: Flask with cretula.wsgi."""

import logging
import os
import re
from html import escape
from pathlib import Path

from cretula import Cookie, CookieCommit, Opening, Session, Site
from cretula.wsgi import SessionMiddleware, session_of
from flask import Flask, abort, redirect, request
from werkzeug import Response
from werkzeug.serving import make_server

from database import Database, is_name

SERVER = "flask"

database = Database(os.environ["DATA"])
page = Path(os.environ["PAGE"]).read_text("utf-8")
# Name and origin of each server.
peers = dict(peer.split("=") for peer in os.environ["PEERS"].split())

logging.basicConfig(format="%(message)s")
logging.getLogger("cretula").setLevel(logging.DEBUG)  # it tells what the test looks for
site = Site.watching(os.environ["KEYS"], "sso.example", every=1)  # a refused ring stops it here
sessions = site.sessions(cookie=Cookie(name="__Host-sso"))


def check(opening: Opening) -> Session:
    """The application's check (§19.5)."""
    if opening.sid and database.is_denied(opening.sid):
        opening.deny()
    return opening.checked(database.generation(opening.sub) if opening.sub else None)


def on_commit(commit: CookieCommit) -> None:
    for ended in commit.ended:
        database.deny(ended.sid, ended.end)


app = Flask(__name__)
# Ports are one site: SameSite does not keep the pages of another port from posting here.
app.wsgi_app = SessionMiddleware(
    app.wsgi_app, sessions, check=check, on_commit=on_commit, same_site_posts=True
)
server = make_server("127.0.0.1", int(os.environ["PORT"]), app, threaded=True)


@app.get("/")
def home() -> str:
    session = session_of(request.environ)
    places = [(escape(name), escape(at)) for name, at in peers.items()]
    values = {
        "server": SERVER,
        "links": "".join(f'<a href="{at}/">{name}</a> ' for name, at in places),
        "options": "".join(f"<option>{name}</option>" for name, _ in places),
        "flash": escape(" ".join(map(str, session.take_flash("notice")))),
        "who": escape(session.sub or "nobody"),
        "sid": session.sid or "none",
        "note": escape(session.data.get("note", "")),
        "trail": escape(" → ".join(session.data.get("trail", []))),
        "for_guests": "hidden" if session.sub else "",
        "for_users": "" if session.sub else "hidden",
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], page)


@app.post("/sign-on")
def sign_on() -> Response:
    name = request.form.get("name", "")
    if not is_name(name):
        abort(400)
    session = session_of(request.environ)
    session.sign_on(name, database.generation_or_new(name), keep=["note", "trail"])
    step(session)
    session.flash("notice", f"Signed on at {SERVER}.")
    return redirect("/", 303)


@app.post("/note")
def note() -> Response:
    session = session_of(request.environ)
    text = request.form.get("note", "")
    if text:
        session.data["note"] = text
    else:
        session.data.pop("note", None)
    step(session)
    session.flash("notice", f"Saved by {SERVER}.")
    return redirect(peers.get(request.form.get("next", ""), "") + "/", 303)


@app.post("/step-up")
def step_up() -> Response:
    """After the password was asked for again, or a second factor."""
    session = session_of(request.environ)
    if session.sub:
        session.reauthenticate(database.generation_or_new(session.sub))
        session.flash("notice", f"Stepped up at {SERVER}.")
    return redirect("/", 303)


@app.post("/sign-off")
def sign_off() -> Response:
    session_of(request.environ).sign_off()
    return redirect("/", 303)


@app.post("/sign-off-everywhere")
def sign_off_everywhere() -> Response:
    session = session_of(request.environ)
    if session.sub:
        database.count_up(session.sub)
        session.sign_off()
    return redirect("/", 303)


def step(session: Session) -> None:
    session.data["trail"] = [*session.data.get("trail", []), SERVER][-10:]


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print(f"http://localhost:{server.server_port}", flush=True)
    server.serve_forever()
