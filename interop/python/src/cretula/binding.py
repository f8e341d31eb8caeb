"""Tokens in cookies (spec §20): raw Cookie fields in, complete response headers out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from . import base64url
from .bound import Ring
from .cookie import MARK, SECOND, Cookie
from .derive import Context
from .device import Device, DeviceBinding, DeviceKey, read_jwt, value
from .errors import CallerError, CookieTooLarge, InvalidToken
from .keyring import Keyring
from .limits import (
    COOKIE_LARGE,
    COOKIE_MAX,
    COOKIE_PART_MAX,
    COOKIE_TOKEN_MAX,
    LEEWAY_DEFAULT,
    LIFE_MAX,
    PROOF_FIRST,
    check_now,
    check_ttl,
    read_now,
)
from .making import Sealer
from .opening import Opened, Unsealer
from .profile import SYSTEM, SessionProfile, _Random, token_length
from .reading import Fields, choose, proofs
from .session import _NOT_NOW, Ended, Opening, Policy, Session, _Found
from .session_json import Members, write_object

# "2." id "." and id "." stand before the parts of a token in two cookies.
_FIRST_PART: Final = COOKIE_PART_MAX - 11


def _mark(sid: str) -> str:
    """The ended mark of a session ([COOK-07]), 22 characters."""
    digest = hashlib.sha256(sid.encode("ascii")).digest()
    return base64url.encode(digest)[:22]


def _largest(data: dict[str, Any]) -> str | None:
    """The member with the longest value; of equals the smallest name, by its UTF-8 bytes."""

    def rank(name: str) -> tuple[int, bytes]:
        text = write_object({"": data[name]}) or ""
        return -len(text.encode("utf-8")), name.encode("utf-8")

    return min(data, key=rank, default=None)


@dataclass(repr=False)
class _Arrived:
    """What a commit must know of the request's cookies."""

    second: bool
    proof: bool


def _arrived(session: Session) -> _Arrived:
    arrived = session._transport if isinstance(session, Session) else None
    if not isinstance(arrived, _Arrived):
        raise TypeError("the session was not opened from cookies")
    return arrived


@dataclass(frozen=True)
class CookieCommit:
    """What a response needs. Add `headers` to it, and put each of `ended` on the deny-list.

    A Cache-Control among `headers` takes the place of the application's own. `ended` are the
    sessions that a sign-on, re-authentication or sign-off ended, several if several came with the
    request ([SESS-17]). `large` tells that the cookies have more than 3 500 octets: some proxies
    refuse such a response ([COOK-12]). `fault` is for the log: why a seal failed that `nothing` or
    `expire` stands for ([SESS-11]).
    """

    headers: list[tuple[str, str]] = field(repr=False)
    wrote: Literal["nothing", "seal", "expire"]
    large: bool
    ended: tuple[Ended, ...] = field(default=(), repr=False)
    payload: str | None = field(default=None, repr=False)
    fault: CallerError | None = None


class Sessions:
    """Sessions in cookies (§20), set up with a ring, a context, a policy and a cookie.

        opening = sessions.open([value.encode("latin-1") for value in cookie_fields])
        session = opening.checked(generation)
        response.headers += sessions.commit(session).headers

    May be shared between threads. Set several up together? See check_cookies(). With
    `device_binding` ask device_request() first (§21).
    """

    def __init__(
        self,
        keyring: Keyring,
        context: Context,
        *,
        policy: Policy | None = None,
        cookie: Cookie | None = None,
        device_binding: DeviceBinding | None = None,
    ) -> None:
        if cookie is not None and not isinstance(cookie, Cookie):
            raise TypeError(f"cookie must be a Cookie, not {type(cookie).__name__}")
        self._cookie = cookie or Cookie()
        beside: tuple[Context, ...] = ()
        if device_binding is not None:
            Device.check_cookie(self._cookie)
            beside = Device.contexts(context)
        self._profile = SessionProfile(
            keyring, context, policy=policy, limit=COOKIE_TOKEN_MAX, beside=beside
        )
        self._device: Device | None = None
        if device_binding is not None:
            live, leeway = self._profile._unsealer._live, self._profile.policy.leeway
            self._device = Device(device_binding, self._cookie, context, live, leeway)

    @property
    def cookie(self) -> Cookie:
        """Name and attributes."""
        return self._cookie

    @property
    def context(self) -> Context:
        """What the sessions are made for."""
        return self._profile.context

    @property
    def policy(self) -> Policy:
        """The server's windows."""
        return self._profile.policy

    @property
    def keyring(self) -> Keyring:
        """The ring in force."""
        return self._profile.keyring

    def replace_keyring(self, keyring: Keyring) -> None:
        """Put another ring in force, as Unsealer.replace_keyring() ([RING-16], [RING-17])."""
        self._profile.replace_keyring(keyring)

    def reload_keyring(self, read: Callable[[], Keyring]) -> None:
        """Put the ring that read() returns in force, as Unsealer.reload_keyring() ([RING-17])."""
        self._profile.reload_keyring(read)

    def open(self, fields: Iterable[bytes], *, now: int | None = None) -> Opening:
        """Open the session of a request (§20.3). Any content of the fields is safe.

        `fields` are the octets of every Cookie field, in the order received. `now` is in seconds;
        None is the system clock; without one the reason is `no_clock` ([SESS-27]). Raises
        CallerError clock_range, and nothing for what the fields hold: see Opening.reason.
        """
        request = Fields(fields)
        now = read_now(now, self._profile._clock)
        arrived = self._arrival(request)
        if now is None:
            return self._profile._opening("no_clock", None, arrived)
        ring = self._profile._unsealer._ring
        chosen, ended = self._choose(request, now, ring)
        if not isinstance(chosen, str) and self._is_unproven(request, chosen, now, ring):
            return self._profile._opening("unproven", now, arrived, (chosen.ended,))
        return self._profile._opening(chosen, now, arrived, ended)

    def _arrival(self, request: Fields) -> _Arrived:
        proof = self._device is not None and request.has(self._device.proof_name)
        return _Arrived(request.has(self._cookie.name + SECOND), proof)

    def _choose(
        self, request: Fields, now: int, ring: Ring
    ) -> tuple[_Found | str, tuple[Ended, ...]]:
        """The session of the request (§20.3), or a code and its authentic sessions."""
        found, code = self._find(request, now, ring)
        authentic: dict[str, _Found] = {}
        for one in found:
            authentic.setdefault(one.members.sid, one)
        if code is None and len(authentic) > 1:
            code = "ambiguous"
        if code is not None:
            return code, tuple(one.ended for one in authentic.values())
        # max() gives the first of equals.
        return max(found, key=lambda one: (one.members.rev, one.issued_at)), ()

    def _is_unproven(self, request: Fields, found: _Found, now: int, ring: Ring) -> bool:
        """Step 9e of §19.3 ([DEV-04], [SESS-29])."""
        members, device = found.members, self._device
        if members.jkt is None:
            user = members.sub is not None
            return user and device is not None and device.is_required(members.start, now)
        if device is None:
            return True
        candidates = proofs(request, device.proof_name, device.proofs(ring))
        proven = device.proven(ring, candidates, members.jkt, now)
        own = [made for sid, made in proven if sid == members.sid]
        found.proven_at = max(own, default=None)
        return not proven

    def _find(self, request: Fields, now: int, ring: Ring) -> tuple[list[_Found], str | None]:
        name = self._cookie.name

        def ended(sid: str) -> bool:
            if not request.has(name + MARK):  # spares the digest
                return False
            return request.has_item(name + MARK, _mark(sid).encode("ascii"))

        return choose(
            request, name, ring, lambda token: self._profile._find(token, now, ring, ended)
        )

    def commit(
        self, session: Session, *, now: int | None = None, cache_control: str | None = None
    ) -> CookieCommit:
        """The headers that this response needs for its session (§20.4).

        `now` is the time of the commit, in seconds, None the system clock; `cache_control` the
        application's own Cache-Control, if it set one. Raises CallerError context_invalid for a
        session that was opened for another audience, purpose or policy, committed, clock_range or
        no_clock, payload_unserializable, cookie_too_large (CookieTooLarge), ttl_range,
        no_sealing_key, no_randomness, in this order ([SESS-28]). A seal that fails raises nothing
        where the session was only to be refreshed, or the user was signed off: see
        CookieCommit.fault.

        After a commit that succeeded the next one raises committed. After an error nothing is to be
        sent, and the session can be changed and committed again ([SESS-26]).
        """
        return self._commit(session, now, cache_control, SYSTEM)

    def excess(self, session: Session, *, now: int | None = None) -> int:
        """By how many octets the session, sealed at now, would not fit its cookie; 0 if it fits.

        To be asked before the commit; changes nothing ([COOK-17]). `now` is in seconds; None is the
        system clock. Raises CallerError context_invalid, committed, clock_range or no_clock,
        payload_unserializable, as commit() does.
        """
        now = self._admit(session, now)
        text = self._profile._text(self._profile._members(session, now))
        return self._over(token_length(len(text.encode("utf-8"))))

    def _admit(self, session: Session, now: int | None) -> int:
        _arrived(session)
        return self._profile._admit(session, now)

    def _commit(
        self,
        session: Session,
        now: int | None,
        cache_control: str | None,
        random: _Random,
        ring: Ring | None = None,
    ) -> CookieCommit:
        now = self._admit(session, now)
        pairs: list[tuple[str, str]] = []
        offers: list[tuple[str, str]] = []

        def pack(token: str, sid: str, ring: Ring) -> None:
            pairs.extend(self._pairs(token, random))
            offers.extend(self._offer(session, sid, ring, now, random))

        commit = self._profile._commit(session, now, random, self._measure, pack, ring)
        lines = [] if commit.wrote == "nothing" else self._lines(session, now, pairs, commit.ttl)
        headers = [("Set-Cookie", line) for line in lines] + [("Vary", "Cookie")]
        if lines:
            headers.append(("Cache-Control", "no-store"))
        elif cache_control is None:
            headers.append(("Cache-Control", "private"))
        headers += offers
        large = sum(len(line.split(";")[0]) - 1 for line in lines) > COOKIE_LARGE
        return CookieCommit(
            headers, commit.wrote, large, commit.ended, commit.payload, commit.fault
        )

    def _lines(
        self, session: Session, now: int, pairs: list[tuple[str, str]], ttl: int | None
    ) -> list[str]:
        """The lines of a commit that seals into these pairs, or expires if there is none.

        The line of the cookie's own name is the last ([COOK-09]).
        """
        cookie, arrived = self._cookie, _arrived(session)
        second, lines = arrived.second, []
        if self._device is not None and arrived.proof and (session._signed_off or not pairs):
            lines.append(cookie._line(self._device.proof_name, "", 0))  # [DEV-10]
        # 1: the previous combinations
        lines += cookie._expire_previous(second)
        # 2: the second cookie
        life = None if ttl is None else cookie._life(ttl)
        if len(pairs) == 2:
            lines.append(cookie._line(*pairs[1], life))
        elif second:
            lines.append(cookie._line(cookie.name + SECOND, "", 0))
        # 3: the mark
        ended = [one for one in session._arrived if now < one.end] if session._signed_off else []
        if ended:
            marks = ".".join(_mark(one.sid) for one in ended)
            longest = min(max(one.end for one in ended) - now, LIFE_MAX)
            lines.append(cookie._line(cookie.name + MARK, marks, longest))
        # 4: the cookie
        lines.append(cookie._line(*pairs[0], life) if pairs else cookie.expire())
        return lines

    def _offer(
        self, session: Session, sid: str, ring: Ring, now: int, random: _Random
    ) -> list[tuple[str, str]]:
        """The field that offers device binding, if it is due ([DEV-05])."""
        device = self._device
        asked = session._fresh and session._sub is not None and session._jkt is None
        if device is None or not asked:
            return []
        challenge = device.challenge(ring, "register", "sid", sid, now, random.token)
        offer = f'(ES256);path="{device.binding.path}/start";challenge="{challenge}"'
        return [("Secure-Session-Registration", offer)]

    def _pairs(self, token: str, random: _Random) -> list[tuple[str, str]]:
        name = self._cookie.name
        if len(name) + len(token) <= COOKIE_MAX:
            return [(name, token)]
        part = random.part_id()
        first, second = token[:_FIRST_PART], token[_FIRST_PART:]
        return [(name, f"2.{part}.{first}"), (name + SECOND, f"{part}.{second}")]

    def _over(self, length: int) -> int:
        """By how many octets a token of this length does not fit ([COOK-11])."""
        over = len(self._cookie.name) + length - COOKIE_MAX
        if self._cookie.large and over > 0:
            over = length - COOKIE_TOKEN_MAX
        return max(over, 0)

    def _measure(self, members: Members, length: int) -> None:
        over = self._over(length)
        if over > 0:
            raise CookieTooLarge(over, _largest(members.data or {}))

    def is_device_request(self, method: str, path: str) -> bool:
        """Whether a request is for device_request(): a POST to one of the two endpoints."""
        if self._device is None or method != "POST":
            return False
        start = self._device.binding.path
        return path in (f"{start}/start", f"{start}/refresh")

    def device_request(
        self,
        method: str,
        path: str,
        values: Callable[[str], list[bytes]],
        *,
        now: int | None = None,
    ) -> DeviceRequest | None:
        """Take a request to an endpoint of device binding; None for every other one.

        `path` is that of the target, without a query. `values` gives the octets of all fields of a
        name in lower case: `cookie`, `secure-session-response`, `sec-secure-session-id`. `now` is
        in seconds; None is the system clock. Raises CallerError clock_range.
        """
        if not self.is_device_request(method, path):
            return None
        time = read_now(now, self._profile._clock)
        request = object.__new__(DeviceRequest)
        request._sessions, request._asks = self, False
        request._answer = request._again = request._token = request.opening = None
        fields, responses = Fields(values("cookie")), values("secure-session-response")
        ring = self._profile._unsealer._ring
        outcome: _Found | DeviceResponse | None
        if path.endswith("/start"):
            outcome = self._register(request, fields, responses, time, ring)
        else:
            ids = values("sec-secure-session-id")
            outcome = self._refresh(request, fields, responses, ids, time, ring)
        if isinstance(outcome, DeviceResponse):
            request._answer = outcome
        elif outcome is not None:
            arrived = self._arrival(fields)
            request.opening = self._profile._opening(outcome, time, arrived)
            request.opening._forced = True
        return request

    def _register(
        self,
        request: DeviceRequest,
        fields: Fields,
        responses: list[bytes],
        now: int | None,
        ring: Ring,
    ) -> _Found | DeviceResponse:
        """The steps of §21.6 before the check."""
        if len(responses) != 1:
            return _refused("jwt_format")
        if now is None:
            return _refused("no_clock")
        request._now = now
        found, _ = self._choose(fields, now, ring)
        if isinstance(found, str):
            return _refused(found)
        read = read_jwt(value(responses[0]), None)
        if isinstance(read, str):
            return _refused(read)
        jti, request._key = read
        members, device = found.members, self._device
        if device is None or members.sub is None:
            return _refused("challenge_invalid")
        if not device.is_challenge(ring, jti, "register", "sid", members.sid, now):
            return _refused("challenge_invalid")
        if members.jkt not in (None, request._key.jkt):
            return _refused("device_mismatch")
        return found

    def _refresh(
        self,
        request: DeviceRequest,
        fields: Fields,
        responses: list[bytes],
        ids: list[bytes],
        now: int | None,
        ring: Ring,
    ) -> _Found | DeviceResponse | None:
        """The steps of §21.7 before the check; None if the browser is to answer a challenge."""
        if len(ids) != 1:
            return _refused("absent")
        if now is None or self._device is None:
            return _refused("no_clock")
        request._now = now
        text = value(ids[0])
        opened = self._device.open_device(ring, text, now)
        if isinstance(opened, str):
            return _refused(opened)
        sid, request._key = opened
        token, jkt = text.decode("ascii"), request._key.jkt
        request._token = token
        found, _ = self._choose(fields, now, ring)
        if isinstance(found, str):
            return _refused(found) if found in _NOT_NOW else _over(token, found)
        members = found.members
        if members.jkt is None:
            if members.sub is None or members.sid != sid:
                return _over(token, "device_mismatch")
        elif members.jkt != jkt:
            return _over(token, "device_mismatch")
        if not responses:
            request._asks = True
            return None
        if len(responses) > 1:
            return _refused("jwt_format")
        read = read_jwt(value(responses[0]), request._key)
        if isinstance(read, str):
            return _refused(read)
        if not self._device.is_challenge(ring, read[0], "refresh", "jkt", jkt, now):
            request._asks, request._again = True, "challenge_invalid"
            return None
        return found

    def _bind(
        self, session: Session, key: DeviceKey, refresh: bool, now: int, random: _Random
    ) -> DeviceResponse:
        """The device proved its key: bind the session where it is not bound; make the proof."""
        device, found = self._device, session._opened
        if device is None or found is None:
            raise TypeError("the session is not that of the request")
        jkt, lines, payload = key.jkt, [], None
        ring = self._profile._sealer._ring
        if not (refresh and session._jkt is not None):
            session._jkt = jkt
            session._send = True
            commit = self._commit(session, now, None, random, ring)
            lines = [line for name, line in commit.headers if name == "Set-Cookie"]
            payload = commit.payload
        most = found.last - now if refresh else min(found.last - now, PROOF_FIRST)
        proof, ttl = device.proof(ring, found.members.sid, jkt, most, now, random.token)
        lines.insert(0, self._cookie._line(device.proof_name, proof, ttl))
        if refresh:
            return _response(200, None, lines, payload=payload)
        members, start = found.members, device.binding.path
        token = device.device_token(ring, members.sid, key, members.end, now, random.token)
        attributes = f"Path=/; Secure; HttpOnly; SameSite={self._cookie.same_site}"
        # Nothing in it needs an escape: a cookie's name is token characters.
        body = (
            f'{{"session_identifier":"{token}","refresh_url":"{start}/refresh",'
            '"scope":{"include_site":false,"scope_specification":[]},"credentials":[{"type":"cookie",'
            f'"name":"{device.proof_name}","attributes":"{attributes}"}}]}}'
        )
        return _response(200, None, lines, body, payload=payload)

    def __repr__(self) -> str:
        return f"Sessions({self._cookie!r}, {self._profile!r})"


class DeviceRequest:
    """A request to an endpoint of device binding (§21.6, §21.7), from Sessions.device_request().

    `opening` is the session of which the application's check is to be asked, whether it is due or
    not; None if the answer does not depend on it.
    """

    def __init__(self) -> None:
        raise TypeError("a DeviceRequest comes from device_request()")

    opening: Opening | None
    _sessions: Sessions
    _now: int
    _answer: DeviceResponse | None  # known before the check
    _key: DeviceKey
    _token: str | None  # the device token, at a refresh
    _again: str | None  # why the browser is to answer a new challenge
    _asks: bool

    def respond(self, session: Session | None = None) -> DeviceResponse:
        """The response; `session` is what the check made of `opening`.

        Raises CallerError as Sessions.commit() does.
        """
        return self._respond(session, SYSTEM)

    def _respond(self, session: Session | None, random: _Random) -> DeviceResponse:
        if self._answer is not None:
            return self._answer
        sessions, token, now = self._sessions, self._token, self._now
        device, ring = sessions._device, sessions._profile._sealer._ring
        if device is None:
            raise TypeError("device binding is not set up")
        if self._asks and token is not None:
            jkt = self._key.jkt
            challenge = device.challenge(ring, "refresh", "jkt", jkt, now, random.token)
            fields = [("Secure-Session-Challenge", f'"{challenge}";id="{token}"')]
            return _response(403, self._again, more=fields)
        if session is None:
            raise TypeError("the session of the opening is wanted")
        if session.reason is not None:
            if token is not None and not session.not_now:
                return _over(token, session.reason)
            return _refused(session.reason)
        return sessions._bind(session, self._key, token is not None, now, random)


@dataclass(frozen=True)
class DeviceResponse:
    """What answers a request to an endpoint of device binding; `reason` is for the log."""

    status: int
    headers: list[tuple[str, str]] = field(repr=False)
    body: str = field(default="", repr=False)
    reason: str | None = None
    payload: str | None = field(default=None, repr=False)


def _response(
    status: int,
    reason: str | None,
    lines: Iterable[str] = (),
    body: str = "",
    more: Iterable[tuple[str, str]] = (),
    payload: str | None = None,
) -> DeviceResponse:
    headers = [("Set-Cookie", line) for line in lines]
    headers += [("Vary", "Cookie"), ("Cache-Control", "no-store")]
    if body:
        headers.append(("Content-Type", "application/json"))
    return DeviceResponse(status, [*headers, *more], body, reason, payload)


def _refused(reason: str) -> DeviceResponse:
    return _response(503 if reason in _NOT_NOW else 401, reason)


def _over(token: str, reason: str) -> DeviceResponse:
    """Ends the browser's device session."""
    return _response(200, reason, body=f'{{"session_identifier":"{token}","continue":false}}')


class TokenCookie:
    """A sealed token that is no session, in a cookie of its own (§20.6), such as a return-url.

    Its tokens live `ttl` seconds, 1 to 34 560 000; the other parameters are as for Unsealer. Raises
    CallerError cookie_attributes for a cookie that is large or has previous combinations,
    ttl_range, leeway_range, max_age_range.
    """

    def __init__(
        self,
        keyring: Keyring,
        context: Context,
        cookie: Cookie,
        *,
        ttl: int,
        max_age: int = LIFE_MAX,
        leeway: int = LEEWAY_DEFAULT,
    ) -> None:
        if not isinstance(cookie, Cookie):
            raise TypeError(f"cookie must be a Cookie, not {type(cookie).__name__}")
        if cookie.large or cookie.previous:
            raise CallerError("cookie_attributes")
        self._ttl = check_ttl(ttl)
        self._cookie = cookie
        self._unsealer = Unsealer(
            keyring, context, max_age=max_age, leeway=leeway, limit=COOKIE_TOKEN_MAX
        )
        self._sealer = Sealer(keyring, context, limit=COOKIE_TOKEN_MAX)
        self._sealer._live = self._unsealer._live

    @property
    def keyring(self) -> Keyring:
        """The ring in force."""
        return self._unsealer.keyring

    def replace_keyring(self, keyring: Keyring) -> None:
        """Put another ring in force, as Unsealer.replace_keyring() ([RING-16], [RING-17])."""
        self._unsealer.replace_keyring(keyring)

    def reload_keyring(self, read: Callable[[], Keyring]) -> None:
        """Put the ring that read() returns in force, as Unsealer.reload_keyring() ([RING-17])."""
        self._unsealer.reload_keyring(read)

    def read(self, fields: Iterable[bytes], *, now: int | None = None) -> Opened[bytes]:
        """The token of a request ([COOK-08]); `fields` as for Sessions.open().

        Give a response that depends on it `Vary: Cookie` and a Cache-Control ([COOK-10]).
        Raises CallerError clock_range or no_clock, then InvalidToken absent, ambiguous, chunks or a
        code of Unsealer.unseal().
        """
        outcome = self._read(Fields(fields), check_now(now, self._unsealer._clock))
        # Raised here, away from the frames that hold payloads ([OPEN-12]).
        if isinstance(outcome, str):
            raise InvalidToken(outcome)
        return outcome

    def _read(self, request: Fields, now: int) -> Opened[bytes] | str:
        unsealer = self._unsealer
        ring = unsealer._ring
        found, code = choose(
            request, self._cookie.name, ring, lambda token: unsealer._steps(token, now, ring)
        )
        if code is not None:
            return code
        return found[0] if len(found) == 1 else "ambiguous"

    def write(self, payload: bytes, *, now: int | None = None) -> list[tuple[str, str]]:
        """Headers that set the cookie.

        The Cache-Control among them takes the place of your own. Raises CallerError
        clock_range or no_clock, cookie_too_large, no_sealing_key, no_randomness.
        """
        now = check_now(now, self._unsealer._clock)
        over = len(self._cookie.name) + token_length(len(payload)) - COOKIE_MAX
        if over > 0:
            raise CookieTooLarge(over)
        token = self._sealer.seal(payload, ttl=self._ttl, now=now)
        life = self._cookie._life(self._ttl)
        return self._headers(self._cookie._line(self._cookie.name, token, life))

    def expire(self) -> list[tuple[str, str]]:
        """Headers that take the cookie away."""
        return self._headers(self._cookie.expire())

    def _headers(self, line: str) -> list[tuple[str, str]]:
        return [("Set-Cookie", line), ("Cache-Control", "no-store")]

    def __repr__(self) -> str:
        return f"TokenCookie({self._cookie!r}, {self._unsealer!r})"
