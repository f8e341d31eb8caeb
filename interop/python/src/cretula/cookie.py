"""Tokens in cookies (spec §20): raw Cookie fields in, complete response headers out.

No framework's cookie parser stands between: they differ in duplicates, in percent-decoding, and in
what one odd foreign cookie makes of the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeVar

from . import base64url
from .bound import Ring
from .derive import Context
from .errors import CallerError, CookieTooLarge, InvalidToken
from .keyring import Keyring
from .limits import (
    COOKIE_CANDIDATES_MAX,
    COOKIE_DOMAIN_MAX,
    COOKIE_LARGE,
    COOKIE_MAX,
    COOKIE_NAME_MAX,
    COOKIE_PART_MAX,
    COOKIE_PATH_MAX,
    COOKIE_TOKEN_MAX,
    KEY_ID_BYTES,
    LEEWAY_DEFAULT,
    LIFE_MAX,
    check_now,
    check_ttl,
)
from .making import Sealer
from .opening import Opened, Unsealer
from .session import (
    SYSTEM,
    Ended,
    Opening,
    Policy,
    Session,
    SessionProfile,
    _Found,
    _Random,
    token_length,
)
from .session_json import write_object

T = TypeVar("T")

_NAME: Final = re.compile(rf"[!#$%&'*+\-.^_`|~0-9A-Za-z]{{1,{COOKIE_NAME_MAX}}}")
_PATH: Final = re.compile(rf"/[!-:<-~]{{0,{COOKIE_PATH_MAX - 1}}}")
_DOMAIN: Final = re.compile(r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*")
_PREFIXES: Final = ("__Host-", "__Secure-")
_TWO: Final = b"2."
_TWO_START: Final = re.compile(rb"2\.[A-Za-z0-9_-]{8}\.")
_HEAD: Final = 48  # characters of a token that hold magic and key id
_SECOND: Final = ".1"
_MARK: Final = ".end"
_TOKEN_MIN: Final = token_length(0)
# "2." id "." and id "." stand before the parts of a token in two cookies.
_FIRST_PART: Final = COOKIE_PART_MAX - 11
_SPACE: Final = b" \t"


@dataclass(frozen=True)
class Previous:
    """A combination that the cookie's name had before. Browsers keep it as another cookie."""

    path: str = "/"
    domain: str | None = None
    partitioned: bool = False


@dataclass(frozen=True)
class Cookie:
    """A cookie's name and attributes (§20.1); HttpOnly is always there.

    `secure=False` is for development without https, with a name that has no prefix. With
    `browser_session` the browser forgets the cookie when it closes. With `large` a token too long
    for one cookie is written in two; deploy the readers first. `previous` are combinations that the
    name had before, to be taken away, each once. Raises CallerError cookie_name, cookie_attributes.
    """

    name: str = "__Host-session"
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
        host, secure_prefix = (self.name.startswith(prefix) for prefix in _PREFIXES)
        if _PATH.fullmatch(place.path) is None or self.same_site not in ("Strict", "Lax", "None"):
            return False
        if place.domain is not None and (
            not secure_prefix
            or len(place.domain) > COOKIE_DOMAIN_MAX
            or _DOMAIN.fullmatch(place.domain) is None
        ):
            return False
        if host and place.path != "/":
            return False
        needs_secure = host or secure_prefix or self.same_site == "None" or place.partitioned
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

    def _expire_all(self, second: bool) -> list[str]:
        names = (self.name, self.name + _SECOND) if second else (self.name,)
        return [self._line(name, "", 0) for name in names]

    def _expire_previous(self, second: bool) -> Iterator[str]:
        for former in self.previous:
            place = vars(former)
            yield from replace(self, previous=(), **place)._expire_all(second)


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

    Raises CallerError cookie_clash: one purpose twice, or names that meet, `.1` and `.end` counted.
    """
    pairs = list(cookies)
    purposes = {purpose for purpose, _ in pairs}
    names = {cookie.name for _, cookie in pairs}
    followed = {name + end for name in names for end in (_SECOND, _MARK)}
    if not len(purposes) == len(names) == len(pairs) or names & followed:
        raise CallerError("cookie_clash")


class _Fields:
    """The Cookie fields of a request. What is in them belongs to whoever sent it.

    Nothing is copied but values of our own names, a few of them at a time and each of bounded
    length ([COOK-05]).
    """

    def __init__(self, fields: Iterable[bytes]) -> None:
        if isinstance(fields, (bytes, str)):
            raise TypeError("fields must be the Cookie fields, a list of bytes")
        self._fields = list(fields)
        if not all(isinstance(octets, bytes) for octets in self._fields):
            raise TypeError("each Cookie field must be bytes: its octets as they were received")

    def spans(self, name: str) -> Iterator[tuple[bytes, int, int]]:
        """Where the values of this name stand, in the order received ([COOK-04])."""
        # A part before its first "=", which no name holds; each run of space is tried once.
        pattern = re.compile(rb"(?:\A|;)[ \t]*" + re.escape(name.encode("ascii")) + rb"[ \t]*=")
        for octets in self._fields:
            for match in pattern.finditer(octets):
                end = octets.find(b";", match.end())
                yield octets, *_trim(octets, match.end(), len(octets) if end < 0 else end)

    def values(self, name: str, longest: int) -> Iterator[bytes]:
        """The values of this name that have at most so many octets."""
        for octets, start, end in self.spans(name):
            if end - start <= longest:
                yield octets[start:end]

    def has(self, name: str) -> bool:
        return next(self.spans(name), None) is not None


def _trim(octets: bytes, start: int, end: int) -> tuple[int, int]:
    """The range without space at both ends, looked at in pieces instead of in a copy."""
    while start < end and octets[start] in _SPACE:
        piece = octets[start : min(start + 4096, end)]
        start += len(piece) - len(piece.lstrip(_SPACE))
    while start < end and octets[end - 1] in _SPACE:
        piece = octets[max(start, end - 4096) : end]
        end -= len(piece) - len(piece.rstrip(_SPACE))
    return start, end


def _distinct(values: Iterable[bytes], most: int) -> list[bytes]:
    """The different values in the order received, and no more of them than `most`."""
    found: list[bytes] = []
    for value in values:
        if value not in found:
            found.append(value)
            if len(found) == most:
                break
    return found


def _names_a_key(head: bytes, ring: Ring) -> bool:
    data = base64url.decode(head[:_HEAD])
    return (
        head[:4] == b"CrE1"
        and data is not None
        and len(data) == _HEAD * 3 // 4
        and data[3 : 3 + KEY_ID_BYTES] in ring.by_key_id
    )


def _has_shape(value: bytes, ring: Ring) -> bool:
    """Whether value could be a token of the ring, whole or in two (§20.3)."""
    start = _TWO_START.match(value)
    if start is not None:
        return len(value) <= COOKIE_PART_MAX and _names_a_key(value[start.end() :], ring)
    return _TOKEN_MIN <= len(value) <= COOKIE_TOKEN_MAX and _names_a_key(value, ring)


def _join(value: bytes, fields: _Fields, name: str) -> bytes | None:
    """The token that begins in value, or None for `chunks` ([COOK-14])."""
    start = value[2:11]  # id and "."
    seconds = _distinct(
        (
            second
            for second in fields.values(name + _SECOND, COOKIE_PART_MAX)
            if second.startswith(start) and len(second) > len(start)
        ),
        2,
    )
    return value[11:] + seconds[0][len(start) :] if len(seconds) == 1 else None


def _choose(
    fields: _Fields, name: str, ring: Ring, open_: Callable[[bytes], T | str]
) -> list[T] | str:
    """What the candidates open to, at least one, or a code (§20.3)."""
    first = next(fields.spans(name), None)
    if first is None:
        return "absent"
    candidates = _distinct(
        (value for value in fields.values(name, COOKIE_TOKEN_MAX) if _has_shape(value, ring)),
        COOKIE_CANDIDATES_MAX + 1,
    )
    if len(candidates) > COOKIE_CANDIDATES_MAX:
        return "ambiguous"
    if not candidates:
        octets, start, end = first
        if octets.startswith(_TWO, start, end):
            return "chunks"
        if end - start > COOKIE_TOKEN_MAX:
            return "too_long"
        outcome = open_(octets[start:end])
        return outcome if isinstance(outcome, str) else [outcome]
    outcomes: list[T | str] = []
    for value in candidates:
        token = _join(value, fields, name) if value.startswith(_TWO) else value
        outcomes.append("chunks" if token is None else open_(token))
    found = [outcome for outcome in outcomes if not isinstance(outcome, str)]
    return found or str(outcomes[0])


def _mark(sid: str) -> str:
    digest = hashlib.sha256(sid.encode("ascii")).digest()
    return base64url.encode(digest)[:22]


@dataclass(frozen=True, repr=False)
class _Arrived:
    """What a commit must know of the request's cookies."""

    second: bool


@dataclass(frozen=True)
class CookieCommit:
    """What a response needs. Add `headers` to it, with `ended` to the deny-list if there is one.

    A Cache-Control among `headers` takes the place of the application's own. `large` tells that a
    cookie has more than 3 500 octets: some proxies refuse such a response ([COOK-12]). `fault` is
    for the log: why a seal failed that `nothing` or `expire` stands for ([SESS-11]).
    """

    headers: list[tuple[str, str]] = field(repr=False)
    wrote: Literal["nothing", "seal", "expire"]
    large: bool
    ended: Ended | None = field(default=None, repr=False)
    payload: str | None = field(default=None, repr=False)
    fault: CallerError | None = None


class Sessions:
    """Sessions in cookies (§20), set up with a ring, a context, a policy and a cookie.

        opening = sessions.open([value.encode("latin-1") for value in cookie_fields])
        session = opening.checked(generation)
        response.headers += sessions.commit(session).headers

    May be shared between threads. Set several up together? See check_cookies().
    """

    def __init__(
        self,
        keyring: Keyring,
        context: Context,
        *,
        policy: Policy | None = None,
        cookie: Cookie | None = None,
    ) -> None:
        if cookie is not None and not isinstance(cookie, Cookie):
            raise TypeError(f"cookie must be a Cookie, not {type(cookie).__name__}")
        self._cookie = cookie or Cookie()
        self._profile = SessionProfile(keyring, context, policy=policy, limit=COOKIE_TOKEN_MAX)

    @property
    def cookie(self) -> Cookie:
        """Name and attributes."""
        return self._cookie

    @property
    def policy(self) -> Policy:
        """The server's windows."""
        return self._profile.policy

    @property
    def keyring(self) -> Keyring:
        """The ring in force."""
        return self._profile.keyring

    def replace_keyring(self, keyring: Keyring) -> None:
        """Put another ring in force ([RING-16], [RING-17])."""
        self._profile.replace_keyring(keyring)

    def open(self, fields: Iterable[bytes], *, now: int | None = None) -> Opening:
        """Open the session of a request (§20.3). Any content of the fields is safe.

        `fields` are the octets of every Cookie field, in the order received. `now` is in seconds;
        None is the system clock. Raises CallerError clock_range or no_clock, and nothing for what
        the fields hold: see Opening.reason.
        """
        request = _Fields(fields)
        now = check_now(now)
        arrived = _Arrived(request.has(self._cookie.name + _SECOND))
        return Opening._of(self._find(request, now), now, self._profile, arrived)

    def _find(self, request: _Fields, now: int) -> _Found | str:
        ring, name = self._profile._unsealer._ring, self._cookie.name

        def ended(sid: str) -> bool:
            mark = _mark(sid).encode("ascii")
            return mark in request.values(name + _MARK, len(mark))

        found = _choose(
            request, name, ring, lambda token: self._profile._find(token, now, ring, ended)
        )
        if isinstance(found, str):
            return found
        if len({one.members.sid for one in found}) > 1:
            return "ambiguous"
        # max() gives the first of equals.
        return max(found, key=lambda one: (one.members.rev, one.issued_at))

    def commit(
        self, session: Session, *, now: int | None = None, cache_control: str | None = None
    ) -> CookieCommit:
        """The headers that this response needs for its session (§20.4).

        `now` is the time of the commit; `cache_control` the application's own Cache-Control, if it
        set one. Raises CallerError context_invalid for a session that was opened for another
        audience or purpose, clock_range or no_clock, payload_unserializable, cookie_too_large
        (CookieTooLarge), no_sealing_key, no_randomness. A seal that fails raises nothing where the
        session was only to be refreshed, or the user was signed off: see CookieCommit.fault. Commit
        once; after an error nothing is to be sent, and the session can be changed and committed
        again.
        """
        return self._commit(session, now, cache_control, SYSTEM)

    def _commit(
        self, session: Session, now: int | None, cache_control: str | None, random: _Random
    ) -> CookieCommit:
        arrived = session._transport if isinstance(session, Session) else None
        if not isinstance(arrived, _Arrived):
            raise TypeError("the session was not opened from cookies")
        now, cookie = self._profile._admit(session, now), self._cookie
        pairs: list[tuple[str, str]] = []
        commit = self._profile._commit(
            session,
            now,
            random,
            self._measure,
            lambda token: pairs.extend(self._pairs(token, random)),
        )
        lines: list[str] = []
        if commit.wrote == "seal":
            life = cookie._life(commit.ttl or 0)
            lines += [cookie._line(name, value, life) for name, value in pairs]
            if len(pairs) == 1 and arrived.second:
                lines.append(cookie._line(cookie.name + _SECOND, "", 0))
        elif commit.wrote == "expire":
            lines += cookie._expire_all(arrived.second)
        ended = session._arrived
        if session._signed_off and ended is not None and now < ended.end:
            life = min(ended.end - now, LIFE_MAX)
            lines.append(cookie._line(cookie.name + _MARK, _mark(ended.sid), life))
        if lines:
            lines += cookie._expire_previous(arrived.second)
        headers = [("Set-Cookie", line) for line in lines] + [("Vary", "Cookie")]
        if lines:
            headers.append(("Cache-Control", "no-store"))
        elif cache_control is None:
            headers.append(("Cache-Control", "private"))
        large = sum(len(line.split(";")[0]) - 1 for line in lines) > COOKIE_LARGE
        return CookieCommit(
            headers, commit.wrote, large, commit.ended, commit.payload, commit.fault
        )

    def _pairs(self, token: str, random: _Random) -> list[tuple[str, str]]:
        name = self._cookie.name
        if len(name) + len(token) <= COOKIE_MAX:
            return [(name, token)]
        part = random.part_id()
        first, second = token[:_FIRST_PART], token[_FIRST_PART:]
        return [(name, f"2.{part}.{first}"), (name + _SECOND, f"{part}.{second}")]

    def _measure(self, length: int, data: dict[str, Any]) -> None:
        over = len(self._cookie.name) + length - COOKIE_MAX
        if self._cookie.large and over > 0:
            over = length - COOKIE_TOKEN_MAX
        if over > 0:
            sizes = {name: len((write_object({"": data[name]}) or "").encode()) for name in data}
            # max() gives the first of equals.
            raise CookieTooLarge(over, max(sizes, key=sizes.__getitem__, default=None))

    def __repr__(self) -> str:
        return f"Sessions({self._cookie!r}, {self._profile!r})"


class TokenCookie:
    """A sealed token that is no session, in a cookie of its own (§20.6).

    Parameters as for Unsealer. Raises CallerError cookie_attributes for a cookie that is large or
    has previous combinations, leeway_range, max_age_range.
    """

    def __init__(
        self,
        keyring: Keyring,
        context: Context,
        cookie: Cookie,
        *,
        max_age: int = LIFE_MAX,
        leeway: int = LEEWAY_DEFAULT,
    ) -> None:
        if not isinstance(cookie, Cookie):
            raise TypeError(f"cookie must be a Cookie, not {type(cookie).__name__}")
        if cookie.large or cookie.previous:
            raise CallerError("cookie_attributes")
        self._cookie = cookie
        self._unsealer = Unsealer(
            keyring, context, max_age=max_age, leeway=leeway, limit=COOKIE_TOKEN_MAX
        )
        self._sealer = Sealer(keyring, context, limit=COOKIE_TOKEN_MAX)

    @property
    def keyring(self) -> Keyring:
        """The ring in force."""
        return self._unsealer.keyring

    def replace_keyring(self, keyring: Keyring) -> None:
        """Put another ring in force, for opening first ([RING-16], [RING-17])."""
        self._unsealer.replace_keyring(keyring)
        self._sealer.replace_keyring(keyring)

    def read(self, fields: Iterable[bytes], *, now: int | None = None) -> Opened[bytes]:
        """The token of a request ([COOK-08]); `fields` as for Sessions.open().

        Give a response that depends on it `Vary: Cookie` and a Cache-Control ([COOK-10]).
        Raises CallerError clock_range or no_clock, then InvalidToken absent, ambiguous, chunks or a
        code of Unsealer.unseal().
        """
        outcome = self._read(_Fields(fields), check_now(now))
        # Raised here, away from the frames that hold payloads ([OPEN-12]).
        if isinstance(outcome, str):
            raise InvalidToken(outcome)
        return outcome

    def _read(self, request: _Fields, now: int) -> Opened[bytes] | str:
        unsealer = self._unsealer
        ring = unsealer._ring
        found = _choose(
            request, self._cookie.name, ring, lambda token: unsealer._steps(token, now, ring)
        )
        if isinstance(found, str):
            return found
        return found[0] if len(found) == 1 else "ambiguous"

    def write(self, payload: bytes, *, ttl: int, now: int | None = None) -> list[tuple[str, str]]:
        """Headers that set the cookie, for ttl seconds.

        The Cache-Control among them takes the place of your own. Raises CallerError
        clock_range or no_clock, ttl_range, cookie_too_large, no_sealing_key, no_randomness.
        """
        now = check_now(now)
        check_ttl(ttl)
        over = len(self._cookie.name) + token_length(len(payload)) - COOKIE_MAX
        if over > 0:
            raise CookieTooLarge(over)
        token = self._sealer.seal(payload, ttl=ttl, now=now)
        return self._headers(self._cookie._line(self._cookie.name, token, self._cookie._life(ttl)))

    def expire(self) -> list[tuple[str, str]]:
        """Headers that take the cookie away."""
        return self._headers(self._cookie.expire())

    def _headers(self, line: str) -> list[tuple[str, str]]:
        return [("Set-Cookie", line), ("Cache-Control", "no-store")]

    def __repr__(self) -> str:
        return f"TokenCookie({self._cookie!r}, {self._unsealer!r})"
