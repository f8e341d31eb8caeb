"""The server of README.md, as it stands there, and the helpers for other implementations."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from cretula import Key
from support import FOLDER, NOW, VECTORS, raw_key


def code_blocks() -> list[str]:
    """Those of README.md but for the frameworks' examples, which test_frameworks.py runs."""
    examples = [path.read_text("utf-8") for path in (FOLDER / "examples").glob("*.py")]
    parts = (FOLDER / "README.md").read_text("utf-8").split("```python\n")[1:]
    return [block for part in parts if (block := part.split("```")[0]) not in examples]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("CRETULA_KEYS", Key.generate().to_text())
    names: dict[str, Any] = {"__name__": "example"}
    for block in code_blocks():
        exec(compile(block, "README.md", "exec"), names)
    return names


@pytest.fixture
def port(example: dict[str, Any]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), example["Handler"])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def get(port: int, cookie: str | None) -> tuple[str, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/", headers={} if cookie is None else {"Cookie": cookie})
    answer = connection.getresponse()
    body, header = answer.read().decode(), answer.getheader("Set-Cookie", "")
    connection.close()
    pair, _, attributes = header.partition("; ")
    return body, pair, attributes


def test_server(port: int) -> None:
    body, cookie, attributes = get(port, None)
    assert body == "visit 1\n"
    assert cookie.startswith("__Host-session=CrE1")
    assert attributes == "Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax"
    body, second, _ = get(port, cookie)
    assert body == "visit 2\n"
    assert second != cookie
    assert get(port, f"other=1; {second}")[0] == "visit 3\n"
    for bad in (cookie[:-1], cookie + "A", "__Host-session=", "__Host-session=CrS1", "x", "=;;"):
        assert get(port, bad)[0] == "visit 1\n"


def test_sessions_of_the_readme(example: dict[str, Any]) -> None:
    jar: dict[str, str] = {}

    def get(path: str = "/") -> str:
        """One request of a browser that keeps cookies, and the lines it was given."""
        started: list[list[tuple[str, str]]] = []

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            assert status == "200 OK"
            started.append(headers)

        environ: dict[str, Any] = {"PATH_INFO": path, "REQUEST_METHOD": "GET"}
        setup_testing_defaults(environ)
        if jar:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        body = b"".join(example["application"](environ, start_response))
        (headers,) = started
        assert ("Vary", "Cookie") in headers
        for name, line in headers:
            if name == "Set-Cookie":
                assert line.endswith("; Secure; HttpOnly; SameSite=Lax")
                pair, _, attributes = line.partition("; ")
                key, _, value = pair.partition("=")
                jar[key] = value
                if "Max-Age=0;" in attributes:
                    del jar[key]
        return body.decode()

    assert get() == "guest, visit 1\n"
    assert get() == "guest, visit 2\n"
    assert get("/sign-on") == "ada, visit 2\n"
    before = dict(jar)
    assert get() == "ada, visit 3\n"
    example["generations"]["ada"] += 1
    assert get() == "guest, visit 1\n"
    jar.update(before)
    example["generations"]["ada"] -= 1
    assert get("/sign-off") == "guest, visit 0\n"
    assert set(jar) == {"__Host-Http-session.end"}
    jar.update(before)
    assert get() == "guest, visit 1\n"


def test_types_of_the_readme(example: dict[str, Any]) -> None:
    session = example["sessions"].open([]).unchecked()
    session.data = {"theme": "dark"}
    assert [example["put_in"](session, item) for item in ("tea", "milk")] == [1, 2]
    assert session.data == {"theme": "dark", "basket": ["tea", "milk"]}


def test_cross() -> None:
    ring = [{"key": raw_key(1).hex(), "seal_from": 5}]
    both = {"keyring": ring, "audience": "a", "purpose": "p", "limit": 999, "now": NOW}
    life = {"max_age": 100, "leeway": 0}
    with subprocess.Popen(
        [sys.executable, str(FOLDER / "tests" / "cross.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(FOLDER / "src")},
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(request: object) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            return answer

        for make, open_ in (("seal", "unseal"), ("sign", "verify")):
            token = ask({"op": make, **both, "ttl": 500, "payload": "00ff"})["token"]
            answer = ask({"op": open_, **both, **life, "token": token})
            key_id = answer.pop("key_id")
            assert len(key_id) == 64
            expected = {"payload": "00ff", "issued_at": NOW, "ttl": 500, "expires_at": NOW + 100}
            assert answer == expected
            refused = ask({"op": open_, **both, **life, "token": token + "\ud800"})
            assert refused == {"error": "encoding"}
            late = ask({"op": make, **both, "now": 4, "ttl": 500, "payload": ""})
            assert late == {"error": "no_sealing_key"}
        assert ask({**both, "op": "seal", "keyring": [], "ttl": 1}) == {"error": "keyring_empty"}
        assert "bad_request" in ask({})
        assert "bad_request" in ask([])
        process.stdin.close()
        assert process.wait(60) == 0


def test_adapter() -> None:
    """The messages of interop/protocol.md; what the calls give, the vectors show."""
    first = json.loads((VECTORS / "unsealer.json").read_bytes())["vectors"][0]
    seal = json.loads((VECTORS / "sealer.json").read_bytes())["vectors"][0]
    free = {name: value for name, value in seal.items() if name not in ("salt", "iv")}
    requests = [
        {"type": "hello", "protocol": 2, "suite": "3.0.0", "digest": "00" * 32},
        {"type": "request", **first, "class": "unsealer", "op": "unseal"},
        {"type": "request", **seal, "class": "sealer", "op": "seal"},
        {"type": "request", **free, "class": "sealer", "op": "seal"},
        {"type": "request", **free, "class": "sealer", "op": "seal", "ttl": 0},
        {"type": "bye"},
        {"type": "hello"},
    ]
    done = subprocess.run(
        [sys.executable, str(FOLDER / "adapter.py")],
        input="".join(json.dumps(request) + "\n" for request in requests),
        capture_output=True,
        env={"PYTHONPATH": f"{FOLDER / 'src'}:{FOLDER / 'generator'}"},
        text=True,
        check=True,
    )
    hello, opened, fixed, fresh, refused = map(json.loads, done.stdout.splitlines())
    assert (hello["type"], hello["protocol"], hello["name"]) == ("hello", 2, "cretula-python")
    assert (len(hello["classes"]), hello["fixed"]) == (8, True)
    assert opened["id"] == first["id"]
    assert opened["result"].items() <= first["result"].items()
    assert fixed["result"]["token"] == seal["result"]["token"]
    assert fresh["result"]["token"][:46] == fixed["result"]["token"][:46]
    assert fresh["result"] != fixed["result"]
    assert refused == {"id": seal["id"], "error": "ttl_range"}
