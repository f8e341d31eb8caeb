"""Opening and writing sessions in sealed tokens (spec §19): the steps of opening, the commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from . import base64url
from .bound import LiveRing, Ring
from .derive import Context
from .errors import CallerError, PayloadUnserializable
from .key import random_bytes
from .keyring import Keyring
from .limits import (
    INTEGER_MAX,
    LIMIT_DEFAULT,
    SEALED_MIN_BYTES,
    SID_CHARACTERS,
    TIME_END,
    Clock,
    check_now,
    read_now,
)
from .making import Sealer
from .opening import Unsealer
from .session import Ended, Opening, Policy, Session, _Found
from .session_json import Members, read, write, write_object

_NO_SID: Final = "-" * SID_CHARACTERS


@dataclass(frozen=True)
class Commit:
    """What a commit decided. With `seal`: the token, its life in seconds and its payload.

    `ended` are the sessions that a sign-on, re-authentication or sign-off ended, for a deny-list
    ([SESS-17]). `fault` is for the log: why a seal failed that `nothing` or `expire` stands for
    ([SESS-11]).
    """

    wrote: Literal["nothing", "seal", "expire"]
    token: str | None = field(default=None, repr=False)
    ttl: int | None = None
    payload: str | None = field(default=None, repr=False)
    ended: tuple[Ended, ...] = field(default=(), repr=False)
    fault: CallerError | None = None


def _new_sid() -> str:
    return base64url.encode(random_bytes(16))


def _new_part_id() -> str:
    return base64url.encode(random_bytes(6))


def _for_token(_: str, count: int) -> bytes:
    return random_bytes(count)


@dataclass(frozen=True)
class _Random:
    """Where a commit draws from; only hazmat gives another one."""

    octets: Callable[[int], bytes] = random_bytes
    sid: Callable[[], str] = _new_sid
    part_id: Callable[[], str] = _new_part_id
    token: Callable[[str, int], bytes] = _for_token  # of device binding, by the token's name


SYSTEM: Final = _Random()

# Given the members and the length of the token that is to be made; may raise CookieTooLarge.
_Measure = Callable[[Members, int], None]

# Given the token that was made, its sid and the ring, for what the transport draws and seals on its
# own; may raise no_randomness.
_Pack = Callable[[str, str, Ring], None]


def token_length(payload_bytes: int) -> int:
    """The characters of a sealed token of so many bytes of payload."""
    return ((SEALED_MIN_BYTES + payload_bytes) * 4 + 2) // 3


class SessionProfile:
    """Opens and writes sessions as token texts, wherever they are kept; Sessions keeps them
    in cookies.

    `context` has the purpose `session` or one of your own. `limit` is as for Sealer and Unsealer.
    `beside` are further contexts that its ring is derived for. Raises CallerError limit_range.
    """

    def __init__(
        self,
        keyring: Keyring,
        context: Context,
        *,
        policy: Policy | None = None,
        limit: int = LIMIT_DEFAULT,
        beside: tuple[Context, ...] = (),
    ) -> None:
        if policy is not None and not isinstance(policy, Policy):
            raise TypeError(f"policy must be a Policy, not {type(policy).__name__}")
        self._policy = policy or Policy()
        self._unsealer = Unsealer(
            keyring, context, max_age=self._policy.idle, leeway=self._policy.leeway, limit=limit
        )
        self._sealer = Sealer(keyring, context, limit=limit)
        if beside:
            self._unsealer._live = LiveRing(keyring, self._unsealer._kind, context, beside)
        # One ring for both, which is exchanged at once.
        self._sealer._live = self._unsealer._live

    @property
    def _clock(self) -> Clock | None:
        return self._unsealer._clock

    @property
    def context(self) -> Context:
        """What the sessions are made for."""
        return self._unsealer._context

    @property
    def policy(self) -> Policy:
        """The server's windows; the token has its own end too."""
        return self._policy

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

    def open(
        self, token: str | bytes | None, *, ended: bool = False, now: int | None = None
    ) -> Opening:
        """Open the request's token (§19.3), None if it brought none. Any content is safe.

        `ended` tells that the transport knows the session as signed off. `now` is in seconds; None
        is the system clock; without one the reason is `no_clock` ([SESS-27]). Raises CallerError
        clock_range, and nothing for a token.
        """
        if token is not None and not isinstance(token, (str, bytes)):
            raise TypeError(f"token must be str or bytes, not {type(token).__name__}")
        now = read_now(now, self._clock)
        if now is None:
            return self._opening("no_clock", None)
        if token is None:
            return self._opening("absent", now)
        outcome = self._find(token, now, self._unsealer._ring, lambda _: ended)
        if not isinstance(outcome, str) and outcome.members.jkt is not None:
            return self._opening("unproven", now, None, (outcome.ended,))  # [SESS-29]
        return self._opening(outcome, now)

    def commit(self, session: Session, *, now: int | None = None) -> Commit:
        """Decide whether the response writes the session (§19.4), and make its token.

        `now` is the time of the commit, in seconds; None is the system clock. Raises CallerError
        context_invalid for a session that was opened for another audience, purpose or policy,
        committed, clock_range or no_clock, payload_unserializable, ttl_range, no_sealing_key,
        result_too_long, no_randomness, in this order ([SESS-28]). A seal that fails raises nothing
        where the session was only to be refreshed, or the user was signed off: see Commit.fault.

        After a commit that succeeded the next one raises committed; after an error the session is
        as it was, can be changed, and is committed again ([SESS-26]).
        """
        return self._commit(session, self._admit(session, now), SYSTEM)

    def _opening(
        self,
        outcome: _Found | str,
        now: int | None,
        transport: object = None,
        authentic: tuple[Ended, ...] = (),
    ) -> Opening:
        if not isinstance(outcome, str):
            authentic = (outcome.ended,)  # one that was chosen is that one alone
        return Opening._of(outcome, now, self.context, self._policy, authentic, transport)

    def _find(
        self, token: str | bytes, now: int, ring: Ring, ended: Callable[[str], bool]
    ) -> _Found | str:
        """Steps 1 to 9d; the code of the first that fails ([SESS-08])."""
        opened = self._unsealer._steps(token, now, ring)
        if isinstance(opened, str):
            return opened
        members = read(opened.payload)
        if members is None:
            return "payload_invalid"
        latest = now + self._policy.leeway
        if max(members.start, members.auth_time or 0, members.checked or 0) > latest:
            return "issued_in_future"
        last = self._last(members)
        if now >= last:
            return "expired"
        if ended(members.sid):
            return "signed_off"
        return _Found(members, opened.issued_at, opened.expires_at, last)

    def _last(self, members: Members) -> int:
        return min(members.end, members.start + self._policy.absolute)

    def _admit(self, session: Session, now: int | None) -> int:
        """What is checked before a commit decides anything ([SESS-28]); its now."""
        if not isinstance(session, Session):
            raise TypeError(f"session must be a Session, not {type(session).__name__}")
        if session._context != self.context or session._policy != self._policy:
            raise CallerError("context_invalid")
        session._check_open()
        return check_now(now, self._clock)

    def _commit(
        self,
        session: Session,
        now: int,
        random: _Random,
        measure: _Measure | None = None,
        pack: _Pack | None = None,
        ring: Ring | None = None,
    ) -> Commit:
        """Of an admitted session; all is sealed under one ring ([RING-17]), None: that in force."""
        ring = self._sealer._ring if ring is None else ring
        commit = self._decide(session, now, random, measure, pack, ring)
        session._close()
        return commit

    def _decide(
        self,
        session: Session,
        now: int,
        random: _Random,
        measure: _Measure | None,
        pack: _Pack | None,
        ring: Ring,
    ) -> Commit:
        ended = session._arrived if session._offer else ()
        found = session._opened
        if found is not None and now >= self._last(found.members):
            return Commit("expire", ended=ended)  # [SESS-13], whatever the handler did
        # What has no form to compare is a change, since what was opened has one.
        asked = session._fresh or session._send or session._is_changed()
        if not asked:
            if found is None:
                return Commit("expire" if session._signed_off else "nothing", ended=ended)
            if not (session._answered or self._refresh(found, now)):
                return Commit("nothing", ended=ended)
        try:
            return self._seal(session, now, random, measure, pack, ring, ended)
        except CallerError as error:
            # A sign-on after the sign-off is lost like any other; it must not look done.
            left = session._signed_off and session._sub is None
            if asked and not left:
                raise
            # It outlives this call; the frames of its traceback hold the payload.
            fault = error.with_traceback(None)
        return Commit("expire" if left else "nothing", ended=ended, fault=fault)

    def _members(self, session: Session, now: int) -> Members:
        """The session as it would be sealed at now, without a sid if one is to be drawn."""
        found = session._opened
        if found is None:
            end = min(now + self._policy.absolute, TIME_END - 1)
            sid, start, rev = _NO_SID, now, 1
        else:
            opened = found.members
            sid, start, end = opened.sid, opened.start, opened.end
            rev = min(opened.rev + 1, INTEGER_MAX)
        auth_time = session.auth_time
        if session._fresh and auth_time is None:
            auth_time = now
        checked = session._checked
        # Nobody asked about the session on which an earlier proof rests ([SESS-31]).
        if (found is None or session._fresh) and self._policy.recheck and not session._on_earlier:
            checked = now
        user = session._sub, session._gen, auth_time
        return Members(sid, start, end, rev, *user, checked, session._jkt, **session._kept())

    def _seal(
        self,
        session: Session,
        now: int,
        random: _Random,
        measure: _Measure | None,
        pack: _Pack | None,
        ring: Ring,
        ended: tuple[Ended, ...],
    ) -> Commit:
        members = self._members(session, now)
        ttl = min(self._policy.idle, self._last(members) - now)
        text = self._text(members)
        if measure is not None:
            measure(members, token_length(len(text.encode("utf-8"))))
        if session.sid is None:
            # Steps 2 to 5 of §9 come before anything is drawn; a sid has the same length always.
            self._sealer._prepare(text.encode("utf-8"), ttl, now, ring)
            members.sid = random.sid()
            text = self._text(members)
        token = self._sealer._seal(text.encode("utf-8"), ttl, now, random.octets, ring)
        if pack is not None:
            pack(token, members.sid, ring)
        return Commit("seal", token, ttl, text, ended)

    def _refresh(self, found: _Found, now: int) -> bool:
        idle = self._policy.idle
        until = min(now + idle, self._last(found.members))
        return 2 * (until - found.expires_at) >= idle

    @staticmethod
    def _text(members: Members) -> str:
        text = write(members)
        if text is None:
            raise PayloadUnserializable(_unwritable(members))
        return text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._policy!r}, {self._unsealer!r})"


def _unwritable(members: Members) -> str | None:
    """The first member that has no form."""
    for place, of in (("data", members.data), ("flash", members.flash)):
        for name, value in (of or {}).items():
            if write_object({place: {name: value}}) is None:
                return f"{place}[{name!r}]"
    return None
