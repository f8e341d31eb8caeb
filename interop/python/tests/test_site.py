"""One owner of keyring, audience and clock; the watch of the keyring's file."""

from __future__ import annotations

import gc
import logging
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from cretula import Cookie, InvalidToken, Key, Keyring, Policy, Site
from support import NOW, code, ring

Events = Queue[tuple[str, Any]]
AUDIENCE = "shop.example"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(Key.generate().to_text())
    return path


@pytest.fixture
def events() -> Events:
    return Queue()


@pytest.fixture
def watched(file: Path, events: Events) -> Iterator[Site]:
    site = Site.watching(file, AUDIENCE, every=0.01, on_event=lambda *event: events.put(event))
    yield site
    site.close()


def put(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


def wait(events: Events, kind: str) -> Any:
    while True:
        event, error = events.get(timeout=10)
        if event == kind:
            return error


def test_watching(
    file: Path, events: Events, watched: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sealer, unsealer = watched.sealer("invitation"), watched.unsealer("invitation")
    token = sealer.seal(b"", ttl=60)
    first, second = file.read_text(), Key.generate().to_text()
    put(file, second)
    wait(events, "exchanged")
    assert code(unsealer.unseal, token) == "unknown_key"
    put(file, "garbage")
    error = wait(events, "refused")
    assert error.code == "key_format"
    assert unsealer.unseal(sealer.seal(b"a", ttl=60)).payload == b"a"
    put(file, second)  # the same as before: that it is well again is told
    wait(events, "exchanged")
    file.unlink()
    assert isinstance(wait(events, "refused"), FileNotFoundError)
    put(file, first)
    wait(events, "exchanged")
    assert unsealer.unseal(token).payload == b""
    said = {(record.levelname, record.getMessage()) for record in caplog.records}
    assert {("INFO", "keyring exchanged"), ("ERROR", "keyring refused: key_format")} <= said
    assert first not in caplog.text


def test_first_reading(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Site.watching(tmp_path / "none", AUDIENCE)
    (tmp_path / "keys").write_text("garbage")
    assert code(Site.watching, tmp_path / "keys", AUDIENCE) == "key_format"
    with pytest.raises(ValueError, match="every"):
        Site.watching(tmp_path / "keys", AUDIENCE, every=0)


def test_hook_that_fails_does_not_end_the_watch(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: Events = Queue()

    def on_event(*event: Any) -> None:
        told.put(event)
        raise ZeroDivisionError

    site = Site.watching(file, AUDIENCE, every=0.01, on_event=on_event)
    for _ in range(2):
        put(file, Key.generate().to_text())
        wait(told, "exchanged")
    site.close()
    assert "on_event failed" in caplog.text


def test_close(file: Path, events: Events, watched: Site) -> None:
    before = watched.keyring
    watched.close()
    threading.Event().wait(0.1)  # a reading that began before ends
    put(file, Key.generate().to_text())
    threading.Event().wait(0.1)
    assert watched.keyring is before
    assert events.empty()
    watched.close()
    Site(ring(1), AUDIENCE).close()  # nothing to end


def test_watch_ends_with_its_site(file: Path) -> None:
    before = set(threading.enumerate())
    site = Site.watching(file, AUDIENCE, every=0.01)
    (thread,) = set(threading.enumerate()) - before
    gone = weakref.ref(site)
    del site
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()
    assert gone() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_forked_process_watches_too(file: Path, watched: Site) -> None:
    """gunicorn with --preload makes the site before it forks."""
    sessions = watched.sessions()
    readable, writable = os.pipe()
    with watched._lock:  # held by a thread that the child does not have
        child = os.fork()
        if child == 0:  # pragma: no cover
            try:
                before = sessions.keyring
                os.write(writable, b"r")
                for _ in range(1000):
                    if sessions.keyring is not before:
                        os.write(writable, b"y")
                        break
                    threading.Event().wait(0.01)
            finally:
                os._exit(0)
    assert os.read(readable, 1) == b"r"
    put(file, Key.generate().to_text())
    os.waitpid(child, 0)
    os.set_blocking(readable, False)
    assert os.read(readable, 1) == b"y"


def test_one_exchange_reaches_all() -> None:
    site = Site(ring(1), AUDIENCE, clock=lambda: NOW)
    sessions, cookie = site.sessions(), site.cookie("return-url", ttl=60)
    sealer, unsealer = site.sealer("invitation"), site.unsealer("invitation")
    signer, verifier = site.signer("report"), site.verifier("report")
    session = sessions.open([]).unchecked()
    session.send()
    field = sessions.commit(session).headers[0][1].encode()
    url = cookie.write(b"/account")[0][1].encode()
    sealed, signed = sealer.seal(b"", ttl=60), signer.sign(b"", ttl=60)

    def reasons() -> list[str | None]:
        found: list[str | None] = [sessions.open([field]).reason]
        calls: list[Callable[[], object]] = [
            lambda: cookie.read([url]),
            lambda: unsealer.unseal(sealed),
            lambda: verifier.verify(signed),
        ]
        for read in calls:
            try:
                read()
                found.append(None)
            except InvalidToken as refusal:
                found.append(refusal.code)
        return found

    assert reasons() == [None] * 4
    site.replace_keyring(ring(2))
    assert reasons() == ["unknown_key"] * 4
    assert site.keyring is sessions.keyring is cookie.keyring is sealer.keyring
    later = site.sealer("later")  # made with the ring in force
    assert later.keyring is site.keyring
    site.reload_keyring(lambda: ring(1, 2))
    assert reasons() == [None] * 4
    for made in (sessions, cookie, sealer, unsealer, signer, verifier):  # of one, and so of all
        made.replace_keyring(ring(2))
        assert reasons() == ["unknown_key"] * 4
        made.reload_keyring(lambda: ring(1, 2))
        assert reasons() == [None] * 4
    with pytest.raises(TypeError, match="Keyring"):
        site.replace_keyring("x")  # type: ignore[arg-type]
    assert reasons() == [None] * 4


def test_clock() -> None:
    now = [NOW]
    site = Site(ring(1), AUDIENCE, clock=lambda: now[0] + 0.9)
    sessions = site.sessions(policy=Policy(idle=60))
    sealer, unsealer = site.sealer("invitation"), site.unsealer("invitation")
    token = sealer.seal(b"", ttl=60)
    assert unsealer.unseal(token).issued_at == NOW
    session = sessions.open([]).unchecked()
    session.send()
    field = sessions.commit(session).headers[0][1].encode()
    cookie = site.cookie("return-url", ttl=60)
    url = cookie.write(b"")[0][1].encode()
    now[0] += 59
    assert sessions.open([field]).reason is None
    now[0] += 1
    assert sessions.open([field]).reason == "expired"
    assert code(unsealer.unseal, token) == code(cookie.read, [url]) == "expired"
    now[0] = -1
    assert sessions.open([field]).reason == "no_clock"
    assert code(sealer.seal, b"", ttl=60) == "no_clock"


# covers: [COOK-03], [SESS-24]
def test_clashes() -> None:
    site = Site(ring(1), AUDIENCE)
    assert code(site.sessions, purpose="a b") == "context_invalid"
    assert code(site.cookie, "x", ttl=0) == "ttl_range"  # and takes nothing
    site.cookie("x", ttl=60)
    site.sessions()
    for _ in range(2):  # two sealers of one purpose are the same
        site.sealer("invitation")
    clashing: list[Callable[[], object]] = [
        site.sessions,
        lambda: site.cookie("session", ttl=60, cookie=Cookie("__Host-y")),
        lambda: site.sealer("session"),
        lambda: site.verifier("x"),
        lambda: site.cookie("invitation", ttl=60),
        lambda: site.sessions(purpose="invitation"),
        lambda: site.cookie("y", ttl=60, cookie=Cookie()),
        lambda: site.cookie("y", ttl=60, cookie=Cookie("__Host-Http-session.end")),
    ]
    for call in clashing:
        assert code(call) == "cookie_clash"
    site.cookie("y", ttl=60)


def test_set_up() -> None:
    assert code(Site, ring(1), "shop example") == "context_invalid"
    for wrong in ({"keyring": "x"}, {"development": 1}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            Site(**{"keyring": ring(1), "audience": AUDIENCE, **wrong})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cookie must be a Cookie"):
        Site(ring(1), AUDIENCE).sessions(cookie="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword"):
        Site(ring(1), AUDIENCE).sessions(idle=60)  # type: ignore[call-arg]


def test_development() -> None:
    site = Site(ring(1), AUDIENCE, development=True)
    assert site.sessions().cookie == Cookie("shop.example-session", secure=False)
    strict = Cookie("__Secure-staff", same_site="Strict")
    staff = site.sessions(purpose="staff", cookie=strict)
    assert staff.cookie == Cookie("shop.example-staff", secure=False, same_site="Strict")
    (_, line), _ = site.cookie("return-url", ttl=60).write(b"")
    assert line.startswith("shop.example-return-url=CrE1")
    assert "Secure" not in line
    long = Site(ring(1), "__" + "https://shop.example/" * 12, development=True).sessions()
    assert len(long.cookie.name) == 64


def test_repr() -> None:
    text = Key.generate().to_text()
    assert text not in repr(Site(Keyring.from_text(text), AUDIENCE))
