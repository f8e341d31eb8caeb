"""A cookie's name and attributes (spec §20.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from .errors import CallerError
from .limits import COOKIE_DOMAIN_MAX, COOKIE_NAME_MAX, COOKIE_PATH_MAX

_NAME: Final = re.compile(rf"[!#$%&'*+\-.^_`|~0-9A-Za-z]{{1,{COOKIE_NAME_MAX}}}")
_PATH: Final = re.compile(rf"/[!-:<-~]{{0,{COOKIE_PATH_MAX - 1}}}")
_DOMAIN: Final = re.compile(r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*")
_PREFIXES: Final = ("__Host-Http-", "__Host-", "__Http-", "__Secure-")
SECOND: Final = ".1"
MARK: Final = ".end"


@dataclass(frozen=True)
class Previous:
    """A combination that the cookie's name had before. Browsers keep it as another cookie."""

    path: str = "/"
    domain: str | None = None
    partitioned: bool = False


@dataclass(frozen=True)
class Cookie:
    """A cookie's name and attributes (§20.1); HttpOnly is always there.

    `__Host-` in a name needs `secure`, the path `/` and no domain; `__Http-` and `__Secure-` need
    `secure`; a domain needs one of these two. With `__Host-Http-` or `__Http-` browsers also see to
    it that the cookie was set by a response and not by a script.
    `secure=False` is for development without https, with a name that has no prefix. With
    `browser_session` the browser forgets the cookie when it closes. With `large` a token too long
    for one cookie is written in two; deploy the readers first. `previous` are combinations that the
    name had before, to be taken away, each once. Raises CallerError cookie_name, cookie_attributes.
    """

    name: str = "__Host-Http-session"
    secure: bool = True
    path: str = "/"
    domain: str | None = None
    same_site: Literal["Strict", "Lax", "None"] = "Lax"
    partitioned: bool = False
    browser_session: bool = False
    large: bool = False
    previous: Sequence[Previous] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "previous", tuple(self.previous))
        for value in (self.name, self.path, self.same_site, self.domain or ""):
            if not isinstance(value, str):
                raise TypeError(f"a name or attribute must be str, not {type(value).__name__}")
        if not _good_name(self.name):
            raise CallerError("cookie_name")
        places = (Previous(self.path, self.domain, self.partitioned), *self.previous)
        # Two of the same place: browsers would take away the cookie that was just set.
        if not all(map(self._fits, places)) or len(set(map(_place, places))) < len(places):
            raise CallerError("cookie_attributes")

    def _fits(self, place: Previous) -> bool:
        """Whether browsers keep this cookie with this combination, where it belongs ([COOK-02])."""
        host = self.name.startswith("__Host-")
        any_host = self.name.startswith(("__Http-", "__Secure-"))
        if _PATH.fullmatch(place.path) is None or self.same_site not in ("Strict", "Lax", "None"):
            return False
        if place.domain is not None and (
            not any_host
            or len(place.domain) > COOKIE_DOMAIN_MAX
            or _DOMAIN.fullmatch(place.domain) is None
        ):
            return False
        if host and place.path != "/":
            return False
        needs_secure = host or any_host or self.same_site == "None" or place.partitioned
        if needs_secure and not self.secure:
            return False
        return host or not self.large

    def expire(self) -> str:
        """The Set-Cookie value that takes the cookie away."""
        return self._line(self.name, "", 0)

    def _line(self, name: str, value: str, max_age: int | None) -> str:
        """A Set-Cookie value, to the letter ([COOK-09]). No Max-Age if None."""
        parts = [f"{name}={value}", f"Path={self.path}"]
        if self.domain is not None:
            parts.append(f"Domain={self.domain}")
        if max_age is not None:
            parts.append(f"Max-Age={max_age}")
        if self.secure:
            parts.append("Secure")
        parts += ["HttpOnly", f"SameSite={self.same_site}"]
        if self.partitioned:
            parts.append("Partitioned")
        return "; ".join(parts)

    def _life(self, ttl: int) -> int | None:
        return None if self.browser_session else ttl

    def _expire_previous(self, second: bool) -> Iterator[str]:
        for former in self.previous:
            place = replace(self, previous=(), **vars(former))
            yield place.expire()
            if second:
                yield place._line(self.name + SECOND, "", 0)


def _place(place: Previous) -> tuple[str, str | None, bool]:
    """What is equal for two combinations that browsers keep as one cookie."""
    return place.path, place.domain and place.domain.lower(), place.partitioned


def _good_name(name: str) -> bool:
    """[COOK-01]. Browsers compare the prefixes without case, and servers would not."""
    if _NAME.fullmatch(name) is None:
        return False
    return all(
        name.startswith(prefix) or not name.lower().startswith(prefix.lower())
        for prefix in _PREFIXES
    )


def check_cookies(cookies: Iterable[tuple[str, Cookie]]) -> None:
    """Check cookies that are set up together, each with its purpose ([COOK-03]).

    Raises CallerError cookie_clash: one purpose twice, or one that the other's device binding uses;
    names that meet, `.1`, `.end` and the proofs' counted.
    """
    pairs = list(cookies)
    purposes = {purpose for purpose, _ in pairs}
    names = {cookie.name for _, cookie in pairs}
    proofs = {proof_name(name) for name in names}
    followed = {name + end for name in names for end in (SECOND, MARK)} | proofs
    used = {one for purpose in purposes for one in beside(purpose)[1:]}
    if not len(purposes) == len(proofs) == len(pairs) or names & followed or purposes & used:
        raise CallerError("cookie_clash")


def proof_name(name: str) -> str:
    """The name of the cookie of a session's proofs (§21.2)."""
    rest = name.removeprefix("__Host-Http-")
    return f"{name}.proof" if rest == name else f"__Host-{rest}.proof"


def beside(purpose: str) -> tuple[str, ...]:
    """A purpose, and those of its device binding."""
    return purpose, f"{purpose}.challenge", f"{purpose}.device", f"{purpose}.proof"
