"""The examples, and their like in README.md, behind real servers."""

from __future__ import annotations

import http.client
import importlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn
from websockets.sync.client import connect
from werkzeug.serving import make_server

from cretula import Key, Keyring
from cretula.testing import signed_on
from support import FOLDER


@pytest.fixture
def app(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleType]:
    (tmp_path / "keys").write_text(Key.generate().to_text())
    monkeypatch.setenv("CRETULA_KEYS", str(tmp_path / "keys"))
    if name == "django_app":  # it takes its settings once
        module = importlib.import_module(name)
    else:
        module = importlib.reload(importlib.import_module(name))
    yield module
    if name != "django_app":
        module.site.close()


@pytest.fixture
def port(name: str, app: ModuleType) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address: int = listener.getsockname()[1]
        if name in ("flask_app", "django_app"):
            server = make_server("127.0.0.1", 0, app.app, fd=listener.fileno(), threaded=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield address
            server.shutdown()
        else:
            config = uvicorn.Config(app.app, log_level="critical", lifespan="on")
            unit = uvicorn.Server(config)
            thread = threading.Thread(target=unit.run, args=([listener],))
            thread.start()
            while not unit.started:
                time.sleep(0.01)
            yield address
            unit.should_exit = True
        thread.join()


class Browser:
    """What a browser does about cookies, as far as these tests need it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.jar: dict[str, str] = {}

    def request(self, method: str, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        cookie = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        connection.request(method, path, headers={"Cookie": cookie} if cookie else {})
        response = connection.getresponse()
        self.body = response.read().decode()
        connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            pair, _, attributes = line.partition("; ")
            name, _, value = pair.partition("=")
            assert attributes.endswith("; Secure; HttpOnly; SameSite=Lax")
            self.jar[name] = value
            if "Max-Age=0;" in attributes:
                del self.jar[name]
        return response

    def get(self, path: str = "/") -> str:
        response = self.request("GET", path)
        assert (response.status, response.getheader("Vary")) == (200, "Cookie")
        assert response.getheader("Cache-Control") == "no-store"
        return self.body


@pytest.mark.parametrize("name", ["flask_app", "fastapi_app", "django_app"])
def test_example(app: ModuleType, port: int) -> None:
    browser = Browser(port)
    assert browser.get() == "guest, visit 1\n"
    assert browser.get() == "guest, visit 2\n"
    assert browser.request("POST", "/sign-on").status == 303
    assert browser.get() == "ada, visit 3\n"
    before = dict(browser.jar)
    app.generations["ada"] += 1
    assert browser.get() == "guest, visit 1\n"
    app.generations["ada"] -= 1
    browser.jar = dict(before)
    assert browser.request("POST", "/sign-off").status == 303
    assert set(browser.jar) == {"__Host-Http-session.end"}
    browser.jar.update(before)
    assert browser.get() == "guest, visit 1\n"


@pytest.mark.parametrize("name", ["flask_app", "fastapi_app", "django_app"])
def test_error_response(app: ModuleType, port: int) -> None:
    """A commit that fails is the server's error response, and nothing of the session is sent."""
    browser = Browser(port)
    assert browser.get() == "guest, visit 1\n"
    ring = app.sessions.keyring
    (entry,) = ring.entries
    app.sessions.replace_keyring(Keyring([replace(entry, seal_from=2**48 - 1)]))
    before = dict(browser.jar)
    response = browser.request("GET", "/")
    assert (response.status, response.getheader("Set-Cookie")) == (500, None)
    assert "visit" not in browser.body
    app.sessions.replace_keyring(ring)
    assert browser.jar == before
    assert browser.get() == "guest, visit 2\n"


@pytest.mark.parametrize("name", ["fastapi_app"])
def test_websocket(app: ModuleType, port: int) -> None:
    """The session of the handshake can be read."""
    for cookie, expected in ((signed_on(app.sessions, "ada", 7), "ada"), ("a=b", "guest")):
        headers = {"Cookie": cookie}
        with connect(f"ws://127.0.0.1:{port}/live", additional_headers=headers) as socket:
            assert socket.recv(timeout=10) == expected


@pytest.mark.parametrize("name", ["flask_app", "fastapi_app"])
def test_readme_shows_the_example(name: str) -> None:
    text = (FOLDER / "examples" / f"{name}.py").read_text("utf-8")
    assert f"```python\n{text}```\n" in (FOLDER / "README.md").read_text("utf-8")
