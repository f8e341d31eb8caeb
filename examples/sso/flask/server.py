"""One of five servers that share a session: Flask with cretula.wsgi."""

import logging
import os
import re
import sys
import threading
import time
from html import escape
from pathlib import Path

from cretula import (
    Context,
    Cookie,
    CookieCommit,
    CretulaError,
    Keyring,
    Opening,
    Policy,
    Session,
    Sessions,
)
from cretula.wsgi import SessionMiddleware, session_of
from flask import Flask, abort, redirect, request
from werkzeug import Response
from werkzeug.serving import make_server

from database import Database, is_name

SERVER = "flask"

database = Database(os.environ["DATA"])
page = Path(os.environ["PAGE"]).read_text("utf-8")
keys = Path(os.environ["KEYS"])
# Name and origin of each server.
peers = dict(peer.split("=") for peer in os.environ["PEERS"].split())

document = keys.read_bytes()
sessions = Sessions(
    Keyring.from_text(document),  # a refused ring stops the server here
    Context(audience="sso.example", purpose="session"),
    policy=Policy(idle=1800, absolute=86400),
    cookie=Cookie(name="__Host-sso"),
)


def log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def check(opening: Opening) -> Session:
    """The application's check (§19.5)."""
    if opening.sid and database.is_denied(opening.sid):
        opening.deny()
    session = opening.checked(database.generation(opening.sub) if opening.sub else None)
    if session.reason not in (None, "absent"):
        log(f"session refused: {session.reason}")
    return session


def committed(commit: CookieCommit) -> None:
    for ended in commit.ended:
        database.deny(ended.sid, ended.end)


def follow(last: bytes) -> None:
    """Read the keyring document again every second. A refused one leaves the old ring in force."""
    while True:
        time.sleep(1)
        try:
            found = keys.read_bytes()
        except OSError:
            continue
        if found == last:
            continue
        last = found
        try:
            sessions.replace_keyring(Keyring.from_text(found))
            log("keyring exchanged")
        except CretulaError as error:
            log(f"keyring refused: {error.code}")


app = Flask(__name__)
app.wsgi_app = SessionMiddleware(app.wsgi_app, sessions, check=check, committed=committed)
server = make_server("127.0.0.1", int(os.environ["PORT"]), app, threaded=True)
origin = f"http://localhost:{server.server_port}"


@app.before_request
def same_origin() -> None:
    """Ports are one site: SameSite does not keep the pages of another port from posting here."""
    if request.method == "POST" and request.headers.get("Origin") != origin:
        log("post refused: origin")
        abort(403)


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
    threading.Thread(target=follow, args=[document], daemon=True).start()
    print(origin, flush=True)
    server.serve_forever()
