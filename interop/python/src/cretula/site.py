"""What a site shares: keyring, audience, clock (spec §11.5); a watch of the keyring's file."""

from __future__ import annotations

import os
import re
import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, TypeVar

from .binding import Sessions, TokenCookie
from .bound import Bound, LiveRing
from .cookie import Cookie, beside, check_cookies
from .derive import Context
from .device import DeviceBinding
from .errors import CallerError
from .keyring import Keyring
from .limits import LEEWAY_DEFAULT, LIFE_MAX, LIMIT_DEFAULT, Clock
from .making import Sealer, Signer
from .middleware import LOG
from .opening import Unsealer, Verifier
from .session import Policy

_PREFIX: Final = re.compile("__(?:Host-Http|Host|Http|Secure)-")
_NO_TOKEN: Final = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")

B = TypeVar("B", bound=Bound)

OnEvent = Callable[[Literal["exchanged", "refused"], "Exception | None"], object]


class Site:
    """One owner of keyring, audience and clock. Make all that seals or opens for a site here, once,
    at the start: one exchange of the keyring, of the site or of anything it made, reaches all.

    `clock` gives seconds since the epoch, for tests; None is the system's. `development` makes
    cookies for plain http: no prefix, no Secure, the audience in their names, because the ports of
    localhost share cookies. Never in production. Raises CallerError context_invalid for an audience
    that is not 1 to 255 characters 0x21 to 0x7E.
    """

    def __init__(
        self,
        keyring: Keyring,
        audience: str,
        *,
        clock: Clock | None = None,
        development: bool = False,
    ) -> None:
        if not isinstance(keyring, Keyring):
            raise TypeError(f"keyring must be a Keyring, not {type(keyring).__name__}")
        if not isinstance(development, bool):
            raise TypeError("development must be True or False")
        Context(audience=audience, purpose="session")
        self._keyring = keyring
        self._audience = audience
        self._clock = clock
        self._development = development
        self._lock = threading.Lock()
        self._begun = self._in_force = 0  # numbers of exchanges, as in LiveRing
        self._rings: list[LiveRing] = []
        self._cookies: list[tuple[str, Cookie]] = []
        self._paths: set[str] = set()
        self._plain: set[str] = set()
        self._watch: _Watch | None = None

    @classmethod
    def watching(
        cls,
        path: str | os.PathLike[str],
        audience: str,
        *,
        every: float = 60,
        on_event: OnEvent | None = None,
        clock: Clock | None = None,
        development: bool = False,
    ) -> Site:
        """A site whose keyring is in a file, such as a mounted secret, read again `every` seconds.

        A thread of its own reads; a process that was forked has one too. A keyring that is refused
        changes nothing: the logger `cretula` is told at level error, as an alarm, because a leaked
        key may still be in force; of another one at level info. `on_event` gets "exchanged", also
        for the first good reading after that, or "refused" and why. Raises OSError or
        InvalidKeyring for the first reading.
        """
        if not every > 0:
            raise ValueError("every must be above 0, in seconds")
        text = Path(path).read_bytes()
        site = cls(Keyring.from_text(text), audience, clock=clock, development=development)
        site._watch = _Watch(site, Path(path), text, every, on_event)
        return site

    def close(self) -> None:
        """End the watch of watching(). What was made goes on with the keyring in force."""
        if self._watch is not None:
            self._watch.end()

    @property
    def keyring(self) -> Keyring:
        """The ring in force."""
        return self._keyring

    def replace_keyring(self, keyring: Keyring) -> None:
        """Put another ring in force for all that was made, whole ([RING-16], [RING-17])."""
        self.reload_keyring(lambda: keyring)

    def reload_keyring(self, read: Callable[[], Keyring]) -> None:
        """Put the ring that read() returns in force for all that was made.

        Of calls that overlap the one that began last stays ([RING-17]). What read() raises is
        raised, and changes nothing ([RING-16]).
        """
        with self._lock:
            self._begun += 1
            number = self._begun
        keyring = read()
        if not isinstance(keyring, Keyring):
            raise TypeError(f"keyring must be a Keyring, not {type(keyring).__name__}")
        with self._lock:
            if number < self._in_force:
                return
            derived = [live.derive(keyring) for live in self._rings]
            for live, ring in zip(self._rings, derived, strict=True):
                live.ring = ring
            self._keyring, self._in_force = keyring, number

    def sessions(
        self,
        *,
        policy: Policy | None = None,
        cookie: Cookie | None = None,
        purpose: str = "session",
        device_binding: DeviceBinding | None = None,
    ) -> Sessions:
        """Sessions in a cookie, by default `__Host-Http-session`.

        With `device_binding` a copied cookie is of no use when its proof is over, in browsers that
        can (§21); development leaves it out. Raises CallerError context_invalid; cookie_clash if
        something else of the site has the purpose, the cookie's name or the path of device binding
        ([COOK-03], [SESS-24]).
        """
        if self._development:
            device_binding = None
        cookie = self._cookie(purpose, cookie)
        with self._lock:
            self._take(purpose, cookie)
            path = None if device_binding is None else device_binding.path
            if path in self._paths:
                raise CallerError("cookie_clash")
            made = Sessions(
                self._keyring,
                self._context(purpose),
                policy=policy,
                cookie=cookie,
                device_binding=device_binding,
            )
            self._add(made._profile._unsealer)
            self._cookies.append((purpose, cookie))
            if path is not None:
                self._paths.add(path)
        return made

    def cookie(
        self,
        purpose: str,
        *,
        ttl: int,
        cookie: Cookie | None = None,
        leeway: int = LEEWAY_DEFAULT,
    ) -> TokenCookie:
        """A cookie for tokens that are no session, such as `return-url`, that live `ttl` seconds.

        By default it is named `__Host-Http-` and the purpose. Raises as sessions() does, and
        CallerError ttl_range, leeway_range, cookie_attributes.
        """
        cookie = self._cookie(purpose, cookie)
        with self._lock:
            self._take(purpose, cookie)
            context = self._context(purpose)
            made = TokenCookie(self._keyring, context, cookie, ttl=ttl, leeway=leeway)
            self._add(made._unsealer)
            self._cookies.append((purpose, cookie))
        return made

    def sealer(self, purpose: str, *, limit: int = LIMIT_DEFAULT) -> Sealer:
        """Makes sealed tokens. Raises as Sealer does; cookie_clash for a cookie's purpose."""
        return self._bound(purpose, lambda ring, context: Sealer(ring, context, limit=limit))

    def signer(self, purpose: str, *, limit: int = LIMIT_DEFAULT) -> Signer:
        """Makes signed tokens. Raises as sealer() does."""
        return self._bound(purpose, lambda ring, context: Signer(ring, context, limit=limit))

    def unsealer(
        self,
        purpose: str,
        *,
        max_age: int = LIFE_MAX,
        leeway: int = LEEWAY_DEFAULT,
        limit: int = LIMIT_DEFAULT,
    ) -> Unsealer:
        """Opens sealed tokens. Raises as Unsealer does; cookie_clash for a cookie's purpose."""
        set_up = {"max_age": max_age, "leeway": leeway, "limit": limit}
        return self._bound(purpose, lambda ring, context: Unsealer(ring, context, **set_up))

    def verifier(
        self,
        purpose: str,
        *,
        max_age: int = LIFE_MAX,
        leeway: int = LEEWAY_DEFAULT,
        limit: int = LIMIT_DEFAULT,
    ) -> Verifier:
        """Opens signed tokens. Raises as unsealer() does."""
        set_up = {"max_age": max_age, "leeway": leeway, "limit": limit}
        return self._bound(purpose, lambda ring, context: Verifier(ring, context, **set_up))

    def _bound(self, purpose: str, make: Callable[[Keyring, Context], B]) -> B:
        with self._lock:
            if any(purpose in beside(taken) for taken, _ in self._cookies):
                raise CallerError("cookie_clash")
            made = make(self._keyring, self._context(purpose))
            self._add(made)
            self._plain.add(purpose)
        return made

    def _context(self, purpose: str) -> Context:
        return Context(audience=self._audience, purpose=purpose)

    def _add(self, made: Bound) -> None:
        made._clock = self._clock
        made._live.site = self.reload_keyring
        self._rings.append(made._live)

    def _take(self, purpose: str, cookie: Cookie) -> None:
        check_cookies([*self._cookies, (purpose, cookie)])
        if self._plain & set(beside(purpose)):
            raise CallerError("cookie_clash")

    def _cookie(self, purpose: str, cookie: Cookie | None) -> Cookie:
        if cookie is None:
            self._context(purpose)
            cookie = Cookie(f"__Host-Http-{purpose}")
        if not isinstance(cookie, Cookie):
            raise TypeError(f"cookie must be a Cookie, not {type(cookie).__name__}")
        if not self._development:
            return cookie
        audience = _NO_TOKEN.sub("-", self._audience).lstrip("_")
        name = f"{audience}-{_PREFIX.sub('', cookie.name, count=1)}"[-64:]
        return replace(cookie, name=name, secure=False, partitioned=False, large=False)

    def __repr__(self) -> str:
        return f"Site({self._audience!r}, {self._keyring!r})"


class _Watch:
    """The thread that reads a keyring's file again. It keeps no site alive."""

    def __init__(
        self, site: Site, path: Path, text: bytes, every: float, on_event: OnEvent | None
    ) -> None:
        self._site = weakref.ref(site)
        self._path, self._text, self._every, self._on_event = path, text, every, on_event
        self._refused = self._over = False
        self._start()
        _watches.add(self)

    def _start(self) -> None:
        self._ended = threading.Event()
        name = "cretula-keyring"
        threading.Thread(target=self._run, args=(self._ended,), name=name, daemon=True).start()

    def end(self) -> None:
        self._over = True
        self._ended.set()

    def after_fork(self) -> None:
        """In a forked process there is no thread, and a lock may be held by one that is gone."""
        site = self._site()
        if site is not None and not self._over:
            site._lock = threading.Lock()
            self._start()

    def _run(self, ended: threading.Event) -> None:
        while not ended.wait(self._every):
            site = self._site()
            if site is None:
                return
            self._read(site)
            del site

    def _read(self, site: Site) -> None:
        text = b""

        def read() -> Keyring:
            nonlocal text
            text = self._path.read_bytes()
            return site.keyring if text == self._text else Keyring.from_text(text)

        try:
            site.reload_keyring(read)
        except Exception as error:
            self._refused = True
            LOG.error("keyring refused: %s", getattr(error, "code", error), exc_info=error)
            self._tell("refused", error)
            return
        if text == self._text and not self._refused:
            return
        self._text, self._refused = text, False  # that it is well again is told
        LOG.info("keyring exchanged")
        self._tell("exchanged", None)

    def _tell(self, event: Literal["exchanged", "refused"], error: Exception | None) -> None:
        if self._on_event is None:
            return
        try:
            self._on_event(event, error)
        except Exception:
            LOG.exception("on_event failed")  # the watch goes on


_watches: Final[weakref.WeakSet[_Watch]] = weakref.WeakSet()


def _after_fork() -> None:
    for watch in list(_watches):
        watch.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
