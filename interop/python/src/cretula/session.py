"""Sessions in sealed tokens (spec §19): opening, the application's check, writing again.

opening = sessions.open(token)
session = opening.checked(None if opening.sub is None else users.generation(opening.sub))
session.data["basket"] = [17, 4]
commit = sessions.commit(session)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from .committed import CommittedDict, restored, snapshot
from .derive import Context
from .errors import CallerError, NotNow
from .limits import (
    ABSOLUTE_DEFAULT,
    IDLE_DEFAULT,
    INTEGER_MAX,
    LEEWAY_DEFAULT,
    LIFE_MAX,
    RECHECK_MAX,
    TIME_END,
    check,
    check_leeway,
    is_integer,
)
from .session_json import Members, is_sub, same
from .strict_json import plain, shows_all


@dataclass(frozen=True)
class Policy:
    """The windows of sessions, in seconds ([SESS-07]).

    `idle` ends a session that is not used, 1 to 34 560 000; `absolute` ends every session, idle to
    34 560 000; `leeway` forgives an issuer whose clock is ahead, 0 to 300. `recheck` trusts an
    answer of the application's check for so long, 0 to 86 400 ([SESS-30]). Raises CallerError
    idle_range, absolute_range, leeway_range, recheck_range.
    """

    idle: int = IDLE_DEFAULT
    absolute: int = ABSOLUTE_DEFAULT
    leeway: int = LEEWAY_DEFAULT
    recheck: int = 0

    def __post_init__(self) -> None:
        check("idle", self.idle, 1, LIFE_MAX, "idle_range")
        check("absolute", self.absolute, self.idle, LIFE_MAX, "absolute_range")
        check_leeway(self.leeway)
        check("recheck", self.recheck, 0, RECHECK_MAX, "recheck_range")


# Of the data and flash of a new session.
_NOTHING: Final = snapshot([{}, {}])

# What may be valid in a moment, or on another server ([SESS-18]).
_NOT_NOW: Final = frozenset(
    ("unknown_key", "issued_in_future", "no_clock", "unproven", "unchecked")
)


@dataclass(frozen=True)
class Ended:
    """For a deny-list ([SESS-17]): a sid that a token of the request held, and when it may go."""

    sid: str
    end: int


@dataclass(repr=False)
class _Found:
    """An authentic session that passed steps 0 to 9d."""

    members: Members
    issued_at: int
    expires_at: int
    last: int
    proven_at: int | None = None  # when its newest proof was made ([DEV-04])

    @property
    def ended(self) -> Ended:
        return Ended(self.members.sid, self.members.end)


class Session:
    """The session of one request, from an Opening; hand it to commit() when the response is made.

    Without a session in the request, or with one that was refused, it is a new guest one, and
    `reason` tells why: `absent` or a code of spec §12, for the log. Not for several threads.

    A session is committed once. After a commit that succeeded, what would change the session raises
    CallerError committed; so does a change of what is in `data`, which is read again by the
    attribute.
    """

    __slots__ = (
        "_answered",
        "_arrived",
        "_before",
        "_checked",
        "_committed",
        "_context",
        "_data",
        "_earlier",
        "_flash",
        "_fresh",
        "_gen",
        "_jkt",
        "_latest",
        "_needed",
        "_now",
        "_offer",
        "_on_earlier",
        "_opened",
        "_policy",
        "_reason",
        "_send",
        "_sent",
        "_signed_off",
        "_sub",
        "_transport",
    )
    _answered: bool  # the check, in this request
    _arrived: tuple[Ended, ...]  # the authentic sessions of the request
    _before: bytes  # a snapshot of data and flash as they were opened
    _checked: int | None  # when the check was last answered ([SESS-31])
    _committed: bool
    _context: Context
    _data: dict[str, Any]
    _flash: dict[str, list[Any]]
    _fresh: bool  # sign-on or re-authentication in this request: the commit gives sid, auth_time
    _gen: int | None
    _jkt: str | None  # the key of the device to which it is bound
    _needed: bool  # need() raised
    _latest: int  # what a proof may claim at most: now + leeway; -1 without a clock
    _now: int | None
    _offer: bool
    _on_earlier: bool  # the last sign-on rested on an earlier proof
    _opened: _Found | None
    _policy: Policy
    _reason: str | None
    _send: bool
    _sent: tuple[dict[str, Any], bytes] | None  # data as it was committed
    _signed_off: bool
    _sub: str | None
    _transport: object

    def __init__(self) -> None:
        raise TypeError("a Session comes from Opening.checked() or Opening.unchecked()")

    @classmethod
    def _of(cls, opening: Opening, closed: str | None) -> Session:
        """`closed` tells why the authentic session of the request, if any, is not to be used."""
        session, found, now = object.__new__(cls), opening._found, opening._now
        session._context = opening._context
        session._policy = opening._policy
        session._now = now
        session._latest = -1 if now is None else min(now + opening._policy.leeway, TIME_END - 1)
        session._reason = closed
        session._transport = opening._transport
        session._arrived = opening._authentic
        session._send = session._signed_off = session._offer = session._committed = False
        session._needed = session._on_earlier = session._answered = False
        session._sent = None
        session._renew()
        if found is not None and closed is None:
            members = found.members
            session._opened = found
            session._sub, session._gen = members.sub, members.gen
            session._checked, session._jkt = members.checked, members.jkt
            session._data, session._flash = members.data or {}, members.flash or {}
            session._before = snapshot([session._data, session._flash])
        return session

    def _renew(self) -> None:
        """Become a new guest session. What was asked of the earlier one is not asked of this."""
        self._opened = None
        self._sub = self._gen = self._checked = self._jkt = None
        self._answered = False
        self._data, self._flash = {}, {}
        self._earlier: int | None = None
        self._fresh = False
        self._send = False
        self._before = _NOTHING

    @property
    def reason(self) -> str | None:
        """Why the request had no session: `absent` or a code. None if it had one."""
        return self._reason

    @property
    def not_now(self) -> bool:
        """Whether the request's session may be valid in a moment, or on another server ([SESS-18]).

        The reason is then `unknown_key`, `issued_in_future`, `no_clock`, `unproven` or `unchecked`.
        Do not write: it would replace a session that may still be valid. Answer 503.
        """
        return self._reason in _NOT_NOW

    def need(self) -> None:
        """Raise NotNow where `not_now` is true: for a page that a user must not see as a guest.

        The middleware's response is a 503, whatever the application makes of the exception.
        """
        if self.not_now:
            self._needed = True
            raise NotNow(self._reason or "unchecked")

    @property
    def is_new(self) -> bool:
        """Whether this is a session that was not in the request, also after sign-on, sign-off."""
        return self._opened is None

    @property
    def sid(self) -> str | None:
        """The session's name, 22 characters. None until a commit draws one."""
        return None if self._opened is None or self._fresh else self._opened.members.sid

    @property
    def sub(self) -> str | None:
        """Who is signed on; None for a guest."""
        return self._sub

    @property
    def gen(self) -> int | None:
        """The session generation of that user (§19.5)."""
        return self._gen

    @property
    def auth_time(self) -> int | None:
        """When the user last proved who they are; None for a guest, and until the commit."""
        if self._fresh:
            return self._earlier
        return None if self._opened is None else self._opened.members.auth_time

    @property
    def is_bound(self) -> bool:
        """Whether it is bound to a device (§21)."""
        return self._jkt is not None

    @property
    def expires_at(self) -> int | None:
        """The first second at which the token that arrived is idle for too long."""
        return None if self._opened is None else self._opened.expires_at

    @property
    def last(self) -> int | None:
        """The first second after the session's absolute end ([SESS-09])."""
        return None if self._opened is None else self._opened.last

    @property
    def data(self) -> dict[str, Any]:
        """The application's members: JSON values, to be changed in place.

        Assigning what is no dict is payload_unserializable; what it holds is checked by commit().
        After a commit this is a copy: to assign it, or to change it at any depth, is committed.
        """
        if self._committed and not isinstance(self._data, CommittedDict):
            self._data = CommittedDict(self._data)
        return self._data

    @data.setter
    def data(self, value: dict[str, Any]) -> None:
        self._check_open()
        if not isinstance(value, dict):
            raise CallerError("payload_unserializable")
        self._data = value

    def flash(self, name: str, message: object) -> None:
        """Add a message, a JSON value, for a next page to take. Raises CallerError committed."""
        self._check_open()
        if not isinstance(name, str):
            raise TypeError(f"name must be str, not {type(name).__name__}")
        self._flash.setdefault(name, []).append(message)

    def take_flash(self, name: str) -> list[Any]:
        """The messages of this name, empty if there are none; they are then gone ([SESS-19]).

        Raises CallerError committed.
        """
        self._check_open()
        return self._flash.pop(name, [])

    def sign_on(
        self, sub: str, gen: int, *, keep: Iterable[str] = (), auth_time: int | None = None
    ) -> None:
        """Begin a new session of this user ([SESS-14]).

        `sub` is 1 to 255 bytes of UTF-8, `gen` the user's session generation, 0 to 2^53 - 1.
        Everything else is dropped but the members of data named by `keep`. `auth_time` is the
        earlier proof that the sign-on rests on, if it is not one itself, in seconds; at most the
        open's now plus the policy's leeway. Raises CallerError committed, user_invalid, which
        change nothing.
        """
        self._check_open()
        if not isinstance(sub, str):
            raise TypeError(f"sub must be str, not {type(sub).__name__}")
        if isinstance(keep, str):
            raise TypeError("keep must be names, not one str")
        names = frozenset(keep)
        _check_gen(gen)
        if auth_time is not None and not is_integer(auth_time):
            raise TypeError(f"auth_time must be an int, not {type(auth_time).__name__}")
        if not is_sub(sub) or (auth_time is not None and not 0 <= auth_time <= self._latest):
            raise CallerError("user_invalid")
        kept = self._data
        if not names or shows_all(kept):  # else it stays, for commit() to refuse it
            kept = {name: value for name, value in kept.items() if name in names}
        self._renew()
        self._sub, self._gen, self._data = sub, gen, kept
        self._earlier = auth_time
        self._on_earlier = auth_time is not None
        self._fresh = self._offer = True

    def reauthenticate(self, gen: int) -> None:
        """The user proved again who they are, or gained rights: new sid, new auth_time ([SESS-15]).

        `gen` is the user's present session generation. Raises CallerError committed, user_invalid,
        the latter also where nobody is signed on.
        """
        self._check_open()
        _check_gen(gen)
        if self._sub is None:
            raise CallerError("user_invalid")
        self._gen, self._earlier, self._on_earlier = gen, None, False
        self._fresh = self._offer = True

    def sign_off(self) -> None:
        """Become a new guest session ([SESS-16]). Raises CallerError committed.

        Put each `Ended` of the commit on a deny-list. There are several if several sessions came
        with the request (`ambiguous`): this ends all of them.
        """
        self._check_open()
        self._renew()
        self._signed_off = self._offer = True

    def send(self) -> None:
        """Have the session sent with this response, changed or not.

        Raises CallerError committed.
        """
        self._check_open()
        self._send = True

    def reauth_within(self, seconds: int) -> bool:
        """Whether the user proved who they are within these seconds ([SESS-20])."""
        if not is_integer(seconds):
            raise TypeError(f"seconds must be an int, not {type(seconds).__name__}")
        if self._sub is None or seconds <= 0:
            return False
        proven = self.auth_time
        if proven is None:  # proven in this request
            return True
        return self._now is not None and self._now < proven + seconds

    def _would_replace(self) -> bool:
        """Whether a commit would write anything but a sign-on or a sign-off."""
        return not self._offer and (self._send or self._is_changed())

    def _close(self) -> None:
        """The head of the response is made: what is changed from here on is lost."""
        self._committed = True
        self._sent = self._data, snapshot(self._data)

    def _is_changed_late(self) -> bool:
        """Whether something that the application held from before was changed after the commit."""
        if self._sent is None:
            return False
        data, before = self._sent
        return before != b"" and snapshot(data) != before

    def _check_open(self) -> None:
        if self._committed:
            raise CallerError("committed")

    def _is_changed(self) -> bool:
        """Whether what the application can change differs from what was opened ([SESS-11]).

        What has no JSON form is a change, since what was opened has one.
        """
        if snapshot([self._data, self._flash]) == self._before:
            return False
        try:
            return not same(plain(self._kept()), _kept(*restored(self._before)))
        except (ValueError, RecursionError):
            return True

    def _kept(self) -> dict[str, Any]:
        return _kept(self._data, self._flash)

    def __repr__(self) -> str:
        state = "new" if self._opened is None else "opened"
        return f"Session({state}, {'a guest' if self._sub is None else 'signed on'})"


def _kept(data: dict[str, Any], flash: dict[str, list[Any]]) -> dict[str, Any]:
    """What is written of them: nothing of what is empty."""
    kept = {"data": data, "flash": {name: some for name, some in flash.items() if some}}
    return {name: value for name, value in kept.items() if value}


def _check_gen(gen: int) -> None:
    check("gen", gen, 0, INTEGER_MAX, "user_invalid")


class Opening:
    """A request's session before the application's check (§19.5). It gives one Session.

    `sub` and `sid` are what to look up, None where there is nothing to. `reason` is as in Session.
    """

    __slots__ = (
        "_authentic",
        "_context",
        "_denied",
        "_forced",
        "_found",
        "_given",
        "_now",
        "_policy",
        "_reason",
        "_transport",
    )
    _authentic: tuple[Ended, ...]
    _context: Context
    _denied: bool
    _forced: bool  # the check is asked, due or not: at the endpoints of device binding
    _found: _Found | None
    _given: bool
    _now: int | None  # None without a clock
    _policy: Policy
    _reason: str | None
    _transport: object

    def __init__(self) -> None:
        raise TypeError("an Opening comes from open()")

    @classmethod
    def _of(
        cls,
        outcome: _Found | str,
        now: int | None,
        context: Context,
        policy: Policy,
        authentic: tuple[Ended, ...],
        transport: object,
    ) -> Opening:
        opening = object.__new__(cls)
        opening._context = context
        opening._policy = policy
        opening._found = None if isinstance(outcome, str) else outcome
        opening._reason = outcome if isinstance(outcome, str) else None
        opening._now = now
        opening._authentic = authentic
        opening._transport = transport
        opening._denied = opening._given = opening._forced = False
        return opening

    @property
    def reason(self) -> str | None:
        """Why the request has no session so far: `absent` or a code. None if it has one."""
        return self._reason

    @property
    def not_now(self) -> bool:
        """As in Session, before the check: `unchecked` is not among the reasons yet."""
        return self._reason in _NOT_NOW

    @property
    def sub(self) -> str | None:
        """Whose session generation checked() wants; None if nobody is signed on."""
        return None if self._found is None else self._found.members.sub

    @property
    def sid(self) -> str | None:
        """What to look up in a deny-list; None if there is no session."""
        return None if self._found is None else self._found.members.sid

    @property
    def gen(self) -> int | None:
        """The session's generation of that user: what an application that only denies answers."""
        return None if self._found is None else self._found.members.gen

    @property
    def is_due(self) -> bool:
        """Whether the check is to be asked: always, unless `recheck` trusts an earlier answer.

        Where it is not, checked() gives the session whatever the answer ([SESS-30]).
        """
        found, recheck = self._found, self._policy.recheck
        if found is None or self._now is None or recheck == 0 or self._forced:
            return True
        times = [at for at in (found.members.checked, found.proven_at) if at is not None]
        return not times or self._now >= max(times) + recheck

    def deny(self) -> Opening:
        """The sid is on the application's deny-list: checked() will close it ([SESS-23])."""
        self._denied = True
        return self

    def checked(self, generation: int | None) -> Session:
        """The session, if `generation` is the user's present one as the server keeps it.

        None is no answer and closes the session of a user (unchecked, [SESS-22]); another number
        closes it too (revoked, [SESS-21]). A guest's needs none. Never raises for a closed one: see
        Session.reason.
        """
        if generation is not None and not is_integer(generation):
            raise TypeError(f"generation must be an int, not {type(generation).__name__}")
        code = None
        if self._found is not None and self._found.members.sub is not None:
            if generation is None:
                code = "unchecked"
            elif generation != self._found.members.gen:
                code = "revoked"
        return self._close(code, asked=True)

    def unchecked(self) -> Session:
        """The session without a check: a change of password then ends no session of the user."""
        return self._close(None, asked=False)

    def _close(self, code: str | None, asked: bool) -> Session:
        # Two would share their data, and the last commit would undo the first.
        if self._given:
            raise RuntimeError("an Opening gives one Session")
        self._given = True
        if self._denied:
            code = "signed_off"
        if asked and not self.is_due:
            return Session._of(self, None)
        reason = self._reason if self._found is None else code
        session = Session._of(self, reason)
        if asked and reason is None and self._policy.recheck > 0:
            session._checked, session._answered = self._now, True  # [SESS-31]
        return session

    def __repr__(self) -> str:
        return f"Opening({self._reason or 'opened'})"
