"""The site in Python: `python server.py`, with the package `cretula` installed."""

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from cretula import DeviceBinding, Keyring, Opening, Session, Site
from cretula.wsgi import SessionMiddleware, session_of


def state() -> dict:
    return json.loads(Path(os.environ["STATE"]).read_text())


site = Site(
    Keyring.from_text(state()["keys"]),
    "shop.example",
    clock=lambda: int(time.time()) + state()["ahead"],
)
sessions = site.sessions(device_binding=DeviceBinding(proof=600))


def check(opening: Opening) -> Session:
    return opening.checked(state()["gen"])


def answer(environ: dict, start_response) -> Iterable[bytes]:
    session = session_of(environ)
    if environ["PATH_INFO"] == "/sign-on":
        session.sign_on("ada", state()["gen"])
    if environ["PATH_INFO"] == "/sign-off":
        session.sign_off()
    if environ["PATH_INFO"] == "/visit":
        session.data["visits"] = session.data.get("visits", 0) + 1
    start_response("200 OK", [("Content-Type", "application/json")])
    told = {"sub": session.sub, "bound": session.is_bound, "reason": session.reason}
    return [json.dumps(told).encode()]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments) -> None:
        pass


application = SessionMiddleware(answer, sessions, check=check)
with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
