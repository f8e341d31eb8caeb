"""The package's calls by class and op, as vectors and the conformance protocol name them.

What a call draws is fixed where the inputs hold it (`salt`, `iv`, `random`), and fresh otherwise.
A time of null is a call without one while the system's clock fails; with `no_randomness` the
system's generator fails.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from cretula import (
    CallerError,
    Commit,
    Context,
    Cookie,
    CookieTooLarge,
    CretulaError,
    DeviceBinding,
    Ended,
    Entry,
    InvalidKeyring,
    InvalidToken,
    Key,
    Keyring,
    Opened,
    Opening,
    Policy,
    Previous,
    Sealer,
    Session,
    SessionProfile,
    Sessions,
    Signer,
    TokenCookie,
    Unsealer,
    Verifier,
    check_cookies,
    hazmat,
    session_json,
    strict_json,
)
from cretula.cookie import proof_name
from cretula.derive import derive
from cretula.limits import KIND_SEALED, KIND_SIGNED

from .common import SEALED_ONLY, Json, take

KINDS = {"sealed": KIND_SEALED, "signed": KIND_SIGNED}
MEMBERS = (
    "sid",
    "start",
    "end",
    "rev",
    "sub",
    "gen",
    "auth_time",
    "checked",
    "jkt",
    "data",
    "flash",
)


def call(name: str, op: str, inputs: Json, answers: list[Any] | None = None) -> Json:
    """The outcome: `result`, or `error` with what belongs to it.

    `answers` takes what the actions answer, also those of a call that fails later.
    """
    try:
        if (name, op) in ACTING:
            return {"result": ACTING[name, op](inputs, [] if answers is None else answers)}
        with system(inputs.get("now", 0), inputs):
            return {"result": CALLS[name, op](inputs)}
    except InvalidKeyring as error:
        entry = {} if error.entry is None else {"entry": error.entry}
        return {"error": error.code} | entry
    except CookieTooLarge as error:
        largest = {} if error.largest is None else {"largest": error.largest}
        return {"error": error.code, "over": error.over} | largest
    except CretulaError as error:
        return {"error": error.code}


@contextmanager
def system(now: int | None, inputs: Json) -> Iterator[None]:
    """Without a clock if now is None, and without a generator if the inputs say so."""
    with ExitStack() as failing:
        if now is None:
            failing.enter_context(patch("time.time_ns", side_effect=OSError))
        if "no_randomness" in inputs:
            failing.enter_context(patch("os.urandom", side_effect=OSError))
        yield


def keyring_of(inputs: Json) -> Keyring:
    return Keyring(
        Entry(
            hazmat.key_from_bytes(bytes.fromhex(entry["key"])),
            entry.get("seal_from", 0),
            entry.get("accept_until"),
        )
        for entry in inputs["keyring"]
    )


def context_of(inputs: Json) -> Context:
    return Context(inputs["audience"], inputs["purpose"])


# Tokens


def _derive(inputs: Json) -> Json:
    context = context_of(inputs)
    key = hazmat.key_from_bytes(bytes.fromhex(inputs["key"]))
    keys = derive(key, KINDS[inputs["kind"]], context)
    return {"working_key": keys.working_key.hex(), "key_id": keys.key_id.hex()}


def _seal(inputs: Json) -> Json:
    context, ring = context_of(inputs), keyring_of(inputs)
    sealer = Sealer(ring, context, limit=inputs["limit"])
    payload, ttl, now = bytes.fromhex(inputs["payload"]), inputs["ttl"], inputs["now"]
    if "salt" not in inputs:
        return {"token": sealer.seal(payload, ttl=ttl, now=now)}
    salt, iv = (bytes.fromhex(inputs[name]) for name in SEALED_ONLY)
    token = hazmat.seal_with_fixed_salt_and_iv(sealer, payload, ttl=ttl, now=now, salt=salt, iv=iv)
    return {"token": token}


def _sign(inputs: Json) -> Json:
    context, ring = context_of(inputs), keyring_of(inputs)
    signer = Signer(ring, context, limit=inputs["limit"])
    payload = bytes.fromhex(inputs["payload"])
    return {"token": signer.sign(payload, **take(inputs, "ttl", "now"))}


def _unseal(inputs: Json) -> Json:
    context, ring = context_of(inputs), keyring_of(inputs)
    unsealer = Unsealer(ring, context, **take(inputs, "max_age", "leeway", "limit"))
    return _opened(unsealer.unseal(inputs["token"], now=inputs["now"]))


def _verify(inputs: Json) -> Json:
    context, ring = context_of(inputs), keyring_of(inputs)
    verifier = Verifier(ring, context, **take(inputs, "max_age", "leeway", "limit"))
    return _opened(verifier.verify(inputs["token"], now=inputs["now"]))


def _opened(opened: Opened[bytes]) -> Json:
    return {
        "payload": opened.payload.hex(),
        "issued_at": opened.issued_at,
        "ttl": opened.ttl,
        "key_id": opened.key_id.hex(),
        "expires_at": opened.expires_at,
    }


# Keys and rings


def _key_text(inputs: Json) -> Json:
    read = hazmat.key_from_text if inputs["test_keys"] else Key.from_text
    return {"key": read(inputs["text"]).to_bytes().hex()}


def _key_bytes(inputs: Json) -> Json:
    read = hazmat.key_from_bytes if inputs["test_keys"] else Key.from_bytes
    key = read(bytes.fromhex(inputs["bytes"]))
    return {"key": key.to_bytes().hex(), "text": key.to_text()}


def _ring(inputs: Json) -> Json:
    read = hazmat.keyring_from_text if inputs["test_keys"] else Keyring.from_text
    text = inputs["text"] if "text" in inputs else bytes.fromhex(inputs["text_hex"])
    return {"entries": [_entry(entry) for entry in read(text).entries]}


def _entry(entry: Entry) -> Json:
    members: Json = {"key": entry.key.to_bytes().hex()}
    if entry.seal_from != 0:
        members["seal_from"] = entry.seal_from
    if entry.accept_until is not None:
        members["accept_until"] = entry.accept_until
    return members


def _accept(inputs: Json) -> Json:
    ring = keyring_of(inputs)
    accepted = ring.accepted(inputs["now"])
    return {"accepted": [ring.entries.index(entry) for entry in accepted]}


def _select(inputs: Json) -> Json:
    ring = keyring_of(inputs)
    return {"seals": ring.entries.index(ring.sealing_entry(inputs["now"]))} | _accept(inputs)


def _warn(inputs: Json) -> Json:
    given = take(inputs, "now", "longest_ttl", "reload_grace", "leeway")
    return {"warnings": [vars(warning) for warning in keyring_of(inputs).warnings(**given)]}


# Sessions


def answered(opening: Opening, inputs: Json) -> Session:
    """The session after the application's check."""
    check = inputs.get("check")
    if check is None:
        return opening.unchecked()
    if check.get("denied"):
        opening.deny()
    return opening.checked(check.get("gen"))


def shown(session: Session) -> Json:
    """What the package read, without what a sealer leaves out."""
    found = session._opened
    if found is None:
        raise InvalidToken(session.reason or "absent")
    read = vars(found.members) | {"data": None, "flash": None} | session._kept()
    read["checked"] = session._checked
    payload = compact({name: read[name] for name in MEMBERS if read[name] is not None})
    return {"payload": payload, "expires_at": session.expires_at, "last": session.last}


def compact(value: object) -> str:
    """JSON with each number in its one spelling ([SESS-05]), also one that no session may hold."""
    if isinstance(value, dict):
        members = [f"{compact(name)}:{compact(item)}" for name, item in value.items()]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    if isinstance(value, float):
        return session_json._number(value)
    return json.dumps(value, ensure_ascii=False)


def parsed(text: str) -> Any:
    """The value of an action's text; one that is refused here fails the action, not the commit."""
    document = strict_json.parse(text.encode("utf-8", "surrogatepass"), integer=_integer)
    if document is None:
        raise CallerError("payload_unserializable")
    return document.value


def _integer(text: str) -> int:
    if not math.isfinite(float(text)):
        raise ValueError("beyond binary64")
    return int(text)


def change(data: Any, path: list[str | int], value: Any) -> None:
    """Assign the last step of the path in the object or array that is there."""
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value


def act(
    session: Session,
    actions: list[Json],
    answers: list[Any],
    sessions: Sessions | None = None,
) -> None:
    """What the handler does; `sessions` for the dry run, which `write` alone has."""
    for action in actions:
        ((name, given),) = action.items()
        if name == "set_data":
            session.data = parsed(given)
        elif name == "change":
            change(session.data, given["path"], parsed(given["value"]))
        elif name == "sign_on":
            sign_on = take(given, "sub", "gen", "keep", "auth_time")
            session.sign_on(**sign_on)
        elif name == "reauthenticate":
            session.reauthenticate(given["gen"])
        elif name == "sign_off":
            session.sign_off()
        elif name == "flash":
            session.flash(given["name"], parsed(given["message"]))
        elif name == "take_flash":
            answers.append([compact(message) for message in session.take_flash(given["name"])])
        elif name == "send":
            session.send()
        elif name == "reauth_within":
            answers.append(session.reauth_within(given["seconds"]))
        elif name == "excess" and sessions is not None:
            with system(given["now"], {}):
                answers.append(sessions.excess(session, now=given["now"]))
        else:
            raise ValueError(f"no such action: {name}")


def draws(random: Json) -> Json:
    """What a commit draws, as the entry for fixed values takes it."""
    text = {"part_id": random["id"]} if "id" in random else {}
    tokens = {
        name: b"".join(octets_of(given).values())
        for name, given in take(random, "challenge", "device", "proof").items()
    }
    return take(random, "sid") | octets_of(random) | text | ({"tokens": tokens} if tokens else {})


def octets_of(random: Json) -> dict[str, bytes]:
    """Salt and iv."""
    return {name: bytes.fromhex(value) for name, value in take(random, *SEALED_ONLY).items()}


def began(session: Session) -> Json:
    """The members at the beginning of what one request did."""
    given: Json = {"open": session.reason or "opened"}
    return given | {"not_now": True} if session.not_now else given


def rest(ended: tuple[Ended, ...], answers: list[Any]) -> Json:
    """The members at the end of what one request did."""
    given: Json = {"answers": answers} if answers else {}
    return given | {"ended": [vars(one) for one in ended]} if ended else given


def profile_of(inputs: Json) -> SessionProfile:
    context, ring = context_of(inputs), keyring_of(inputs)
    return SessionProfile(ring, context, policy=Policy(**inputs["policy"]))


def other_profile(profile: SessionProfile, inputs: Json, given: Json) -> SessionProfile:
    """One of another audience, purpose or policy, with the ring in force."""
    policy = Policy(**(inputs | given)["policy"])
    return SessionProfile(profile.keyring, context_of(inputs | given), policy=policy)


def committed(profile: SessionProfile, session: Session, request: Json) -> Commit:
    now = request["commit"]
    with system(now, request):
        if "random" not in request:
            return profile.commit(session, now=now)
        fixed = draws(request["random"])
        return hazmat.commit_with_fixed_random(profile, session, now=now, **fixed)


def _open(inputs: Json) -> Json:
    opening = profile_of(inputs).open(inputs["token"], **take(inputs, "ended", "now"))
    return shown(answered(opening, inputs))


def _run(inputs: Json, answers: list[Any]) -> Json:
    profile, token, outcomes = profile_of(inputs), inputs.get("token"), []
    for request in inputs["requests"]:
        before = len(answers)
        if "keyring" in request:
            profile.replace_keyring(keyring_of(request))
        with system(request["now"], {}):
            opening = profile.open(token, now=request["now"])
        session = answered(opening, inputs | take(request, "check"))
        act(session, request["actions"], answers)
        if "exchange" in request:
            profile.replace_keyring(keyring_of({"keyring": request["exchange"]}))
        committer = profile
        if "commit_as" in request:
            committer = other_profile(profile, inputs, request["commit_as"])
        commit = committed(committer, session, request)
        for _ in range(1, request.get("commits", 1)):
            commit = committed(committer, session, request)
        act(session, request.get("after", []), answers)
        outcome = began(session) | {"wrote": commit.wrote}
        if session.reason == "absent":
            outcome["open"] = "new"
        if commit.wrote == "seal":
            token = commit.token
            outcome |= {"payload": commit.payload, "ttl": commit.ttl, "token": token}
        elif commit.wrote == "expire":
            token = None
        outcomes.append(outcome | rest(commit.ended, answers[before:]))
    return {"requests": outcomes}


# Cookies


def cookie_of(given: Json) -> Cookie:
    settings = dict(given)
    former = [Previous(**place) for place in settings.pop("previous", [])]
    return Cookie(previous=former, **settings)


def sessions_of(inputs: Json) -> Sessions:
    context, ring, cookie = context_of(inputs), keyring_of(inputs), cookie_of(inputs["cookie"])
    policy = Policy(**inputs["policy"])
    binding = DeviceBinding(**inputs["device"]) if "device" in inputs else None
    return Sessions(ring, context, policy=policy, cookie=cookie, device_binding=binding)


def fields_of(inputs: Json, name: str = "fields") -> list[bytes]:
    return [field.encode("latin-1") for field in inputs[name]]


def _setup(inputs: Json) -> Json:
    pairs = [(one["purpose"], cookie_of(one["cookie"])) for one in inputs["cookies"]]
    check_cookies(pairs)
    return {"expire": [cookie.expire() for _, cookie in pairs]}


def _read(inputs: Json) -> Json:
    opening = sessions_of(inputs).open(fields_of(inputs), now=inputs["now"])
    return shown(answered(opening, inputs))


def _read_token(inputs: Json) -> Json:
    context, ring, cookie = context_of(inputs), keyring_of(inputs), cookie_of(inputs["cookie"])
    reader = TokenCookie(ring, context, cookie, ttl=1, **take(inputs, "max_age", "leeway"))
    opened = reader.read(fields_of(inputs), now=inputs["now"])
    return {"payload": opened.payload.decode("utf-8")}


def _write(inputs: Json, answers: list[Any]) -> Json:
    sessions = sessions_of(inputs)
    with system(inputs["now"], {}):
        opening = sessions.open(fields_of(inputs), now=inputs["now"])
    session = answered(opening, inputs)
    act(session, inputs["actions"], answers, sessions)
    now, own = inputs["commit"], take(inputs, "cache_control")
    with system(now, inputs):
        if "random" in inputs:
            given = own | draws(inputs["random"])
            commit = hazmat.commit_cookies_with_fixed_random(sessions, session, now=now, **given)
        else:
            commit = sessions.commit(session, now=now, **own)
    result = began(session)
    result |= {"headers": [list(header) for header in commit.headers], "large": commit.large}
    if commit.wrote == "seal":
        result["payload"] = commit.payload
    return result | rest(commit.ended, answers)


# Device binding


def _device_setup(inputs: Json) -> Json:
    cookie, binding = cookie_of(inputs["cookie"]), DeviceBinding(**inputs["device"])
    key = hazmat.key_from_bytes(b"cretula-test-key".ljust(32, b"."))
    context = Context("a", inputs["purpose"])
    sessions = Sessions(Keyring([Entry(key)]), context, cookie=cookie, device_binding=binding)
    proof = f"{proof_name(cookie.name)}=x".encode("latin-1")
    session = sessions.open([proof], now=0).unchecked()
    session.sign_off()
    return {"expire": sessions.commit(session, now=0).headers[0][1]}


def _endpoint(inputs: Json) -> Json:
    sessions, now = sessions_of(inputs), inputs["now"]
    values = {
        "cookie": fields_of(inputs),
        "secure-session-response": fields_of(inputs, "responses"),
        "sec-secure-session-id": fields_of(inputs, "ids") if "ids" in inputs else [],
    }
    start = inputs["device"].get("path", "/device-binding")
    path = f"{start}/{'refresh' if 'ids' in inputs else 'start'}"
    request = sessions.device_request("POST", path, lambda name: values[name], now=now)
    if request is None:
        raise ValueError("the endpoints are elsewhere")
    session = None if request.opening is None else answered(request.opening, inputs)
    if "random" in inputs:
        fixed = draws(inputs["random"])
        response = hazmat.respond_with_fixed_random(request, session, **fixed)
    else:
        response = request.respond(session)
    result: Json = {"status": response.status}
    if response.reason is not None:
        result["reason"] = response.reason
    result["headers"] = [list(header) for header in response.headers]
    if response.body:
        result["body"] = response.body
    return result | ({} if response.payload is None else {"payload": response.payload})


CALLS: dict[tuple[str, str], Callable[[Json], Json]] = {
    ("derivation", "derive"): _derive,
    ("sealer", "seal"): _seal,
    ("signer", "sign"): _sign,
    ("unsealer", "unseal"): _unseal,
    ("verifier", "verify"): _verify,
    ("keyring", "key_text"): _key_text,
    ("keyring", "key_bytes"): _key_bytes,
    ("keyring", "ring"): _ring,
    ("keyring", "select"): _select,
    ("keyring", "accept"): _accept,
    ("keyring", "warn"): _warn,
    ("session", "open"): _open,
    ("cookie", "setup"): _setup,
    ("cookie", "read"): _read,
    ("cookie", "read_token"): _read_token,
    ("device", "setup"): _device_setup,
    ("device", "read"): _read,
    ("device", "register"): _endpoint,
    ("device", "refresh"): _endpoint,
}
ACTING: dict[tuple[str, str], Callable[[Json, list[Any]], Json]] = {
    ("session", "run"): _run,
    ("cookie", "write"): _write,
    ("device", "write"): _write,
}
