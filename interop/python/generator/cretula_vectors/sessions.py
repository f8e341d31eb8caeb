"""Vectors of sessions and cookies: as in rebuild.py, outcomes by the package, tokens by builder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from cretula import (
    CallerError,
    Context,
    Cookie,
    CookieTooLarge,
    CretulaError,
    Ended,
    Opening,
    Policy,
    Previous,
    Session,
    SessionProfile,
    Sessions,
    TokenCookie,
    check_cookies,
    hazmat,
    strict_json,
)

from . import builder
from .common import SEALED_ONLY, Json, Mismatch, agree, keyring_of, refusal, take

COMMON = ("keyring", "audience", "purpose", "policy", "check")
SOURCE = ("key", "audience", "purpose", "issued_at", "ttl", "payload", "payload_hex", *SEALED_ONLY)
MEMBERS = ("sid", "start", "end", "rev", "sub", "gen", "auth_time", "data", "flash")
PLACE = re.compile(r"\{([0-9]+)(?::([0-9]+)(?::([0-9]*))?)?\}")


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sealed(made_from: Json) -> str:
    """The text of a token whose payload is a string, or hex where it is not UTF-8."""
    payload = made_from.get("payload_hex")
    if payload is None:
        payload = made_from["payload"].encode("utf-8").hex()
    return builder.text_of(builder.build("sealed", made_from | {"payload": payload})["bytes"])


def agree_token(inputs: Json, made: Json, now: int, random: Json) -> None:
    """The token of a seal must be what the builder makes of its payload."""
    key = keyring_of(inputs["keyring"]).sealing_entry(now).key.to_bytes().hex()
    fields = {"key": key, "issued_at": now, "ttl": made["ttl"], "payload": made["payload"]}
    given = take(inputs, "audience", "purpose") | fields | take(random, *SEALED_ONLY)
    agree("token", made["token"], sealed(given))


def answered(opening: Opening, inputs: Json) -> Session:
    check = inputs.get("check")
    if check is None:
        return opening.unchecked()
    if check.get("denied"):
        opening.deny()
    return opening.checked(check.get("gen"))


def shown(session: Session) -> Json:
    """The result of opening: what the package read, without what a sealer leaves out."""
    found = session._opened
    if found is None:
        raise Mismatch("a session without a code that is not opened")
    read = vars(found.members) | {"data": None, "flash": None} | session._kept()
    payload = compact({name: read[name] for name in MEMBERS if read[name] is not None})
    return {"payload": payload, "expires_at": session.expires_at, "last": session.last}


def parsed(text: str) -> Any:
    document = strict_json.parse(text.encode("utf-8"))
    if document is None:
        raise CallerError("payload_unserializable")
    return document.value


def act(session: Session, action: Json) -> Json:
    """Do one action, and return it with the answers that it got."""
    ((name, given),) = action.items()
    if name == "set_data":
        session.data = parsed(given)
    elif name == "sign_on":
        earlier = given.get("auth_time")
        session.sign_on(given["sub"], given["gen"], keep=given["keep"], auth_time=earlier)
    elif name == "reauthenticate":
        session.reauthenticate(given["gen"])
    elif name == "sign_off" and given is True:
        session.sign_off()
    elif name == "flash":
        session.flash(given["name"], parsed(given["message"]))
    elif name == "take_flash":
        messages = [compact(message) for message in session.take_flash(given["name"])]
        return {name: {"name": given["name"], "messages": messages}}
    elif name == "send" and given is True:
        session.send()
    elif name == "reauth_within":
        seconds = given["seconds"]
        return {name: {"seconds": seconds, "holds": session.reauth_within(seconds)}}
    else:
        raise Mismatch(f"no such action: {action}")
    return action


def ended_member(ended: Ended | None) -> Json:
    return {} if ended is None else {"ended": {"sid": ended.sid, "end": ended.end}}


def draws(random: Json) -> Json:
    """What a commit draws, as the entry for fixed values takes it."""
    octets = {name: bytes.fromhex(value) for name, value in take(random, *SEALED_ONLY).items()}
    text = {"part_id": random["id"]} if "id" in random else {}
    return take(random, "sid") | octets | text


def profile_of(inputs: Json) -> SessionProfile:
    context = Context(inputs["audience"], inputs["purpose"])
    ring = keyring_of(inputs["keyring"])
    return SessionProfile(ring, context, policy=Policy(**inputs["policy"]))


def session(vector: Json, _: dict[str, Json]) -> Json:
    op = vector["op"]
    inputs = {"op": op} | take(vector, *COMMON)
    names = {"open": ("now", "ended", "made_from"), "run": ("made_from",)}[op]
    inputs |= take(vector, *names)
    if "made_from" in inputs:
        inputs["made_from"] = take(inputs["made_from"], *SOURCE)
        inputs["token"] = sealed(inputs["made_from"])
    if op == "run":
        inputs["requests"] = [dict(request) for request in vector["requests"]]
    try:
        profile = profile_of(inputs)
        if op == "run":
            return inputs | {"result": {"requests": _run(profile, inputs)}}
        opening = profile.open(inputs["token"], ended=inputs["ended"], now=inputs["now"])
        opened = answered(opening, inputs)
    except CretulaError as error:
        return inputs | refusal(error)
    return inputs | ({"result": shown(opened)} if opened.reason is None else _why(opened))


def _why(refused: Session) -> Json:
    return {"error": refused.reason}


def _run(profile: SessionProfile, inputs: Json) -> list[Json]:
    token: str | None = inputs.get("token")
    outcomes = []
    for request in inputs["requests"]:
        current = answered(profile.open(token, now=request["now"]), inputs)
        code = "new" if current.reason == "absent" else current.reason
        request["actions"] = [act(current, action) for action in request["actions"]]
        random = request["random"]
        commit = hazmat.commit_with_fixed_random(
            profile, current, now=request["commit"], **draws(random)
        )
        outcome: Json = {"open": code or "opened", "wrote": commit.wrote}
        if commit.wrote == "seal":
            token = commit.token
            outcome |= {"payload": commit.payload, "ttl": commit.ttl, "token": token}
            agree_token(inputs, outcome, request["commit"], random)
        elif commit.wrote == "expire":
            token = None
        outcomes.append(outcome | ended_member(commit.ended))
    return outcomes


def cookie_of(given: Json) -> Cookie:
    settings = dict(given)
    former = [Previous(**place) for place in settings.pop("previous", [])]
    return Cookie(previous=former, **settings)


def filled(template: list[str], tokens: list[str]) -> list[str]:
    """The fields of a template, with the tokens' texts, or pieces of them, in their places."""

    def text(match: re.Match[str]) -> str:
        number, start, end = match.groups()
        token = tokens[int(number)]
        first, last = int(start or 0), int(end or len(token))
        if not first <= last <= len(token):
            raise Mismatch(f"{match.group()} of {len(token)} characters")
        return token[first:last]

    return [PLACE.sub(text, field) for field in template]


def octets(fields: list[str]) -> list[bytes]:
    return [field.encode("latin-1") for field in fields]


def cookie(vector: Json, _: dict[str, Json]) -> Json:
    op = vector["op"]
    if op == "setup":
        inputs = {"op": op} | take(vector, "cookies")
        outcome: Callable[[Json], Json] = _setup
    else:
        life = ("max_age", "leeway") if op == "read_token" else ("policy", "check")
        names = ("keyring", "audience", "purpose", *life, "cookie", "now")
        inputs = {"op": op} | take(vector, *names)
        inputs["tokens"] = [take(made_from, *SOURCE) for made_from in vector["tokens"]]
        inputs["template"] = vector["template"]
        texts = [sealed(made_from) for made_from in inputs["tokens"]]
        inputs["fields"] = filled(inputs["template"], texts)
        outcome = {"read": _read, "read_token": _read_token, "write": _write}[op]
        if op == "write":
            inputs |= take(vector, "actions", "commit", "cache_control", "random")
    try:
        return inputs | outcome(inputs)
    except CookieTooLarge as error:
        largest = {} if error.largest is None else {"largest": error.largest}
        return inputs | {"error": error.code, "over": error.over} | largest
    except CretulaError as error:
        return inputs | refusal(error)


def _setup(inputs: Json) -> Json:
    pairs = [(one["purpose"], cookie_of(one["cookie"])) for one in inputs["cookies"]]
    check_cookies(pairs)
    return {"result": {"expire": [cookie.expire() for _, cookie in pairs]}}


def _sessions_of(inputs: Json) -> Sessions:
    context = Context(inputs["audience"], inputs["purpose"])
    ring, cookie = keyring_of(inputs["keyring"]), cookie_of(inputs["cookie"])
    return Sessions(ring, context, policy=Policy(**inputs["policy"]), cookie=cookie)


def _read(inputs: Json) -> Json:
    opening = _sessions_of(inputs).open(octets(inputs["fields"]), now=inputs["now"])
    opened = answered(opening, inputs)
    return {"result": shown(opened)} if opened.reason is None else _why(opened)


def _read_token(inputs: Json) -> Json:
    context = Context(inputs["audience"], inputs["purpose"])
    life = take(inputs, "max_age", "leeway")
    reader = TokenCookie(
        keyring_of(inputs["keyring"]), context, cookie_of(inputs["cookie"]), **life
    )
    opened = reader.read(octets(inputs["fields"]), now=inputs["now"])
    return {"result": {"payload": opened.payload.decode("utf-8")}}


def _write(inputs: Json) -> Json:
    sessions = _sessions_of(inputs)
    opening = sessions.open(octets(inputs["fields"]), now=inputs["now"])
    current = answered(opening, inputs)
    inputs["actions"] = [act(current, action) for action in inputs["actions"]]
    random = inputs["random"]
    commit = hazmat.commit_cookies_with_fixed_random(
        sessions,
        current,
        now=inputs["commit"],
        cache_control=inputs.get("cache_control"),
        **draws(random),
    )
    result: Json = {
        "open": current.reason or "opened",
        "headers": [list(header) for header in commit.headers],
        "large": commit.large,
    }
    if commit.wrote == "seal":
        result["payload"] = commit.payload
        _agree_line(inputs, commit.payload or "", result["headers"], random)
    return {"result": result | ended_member(commit.ended)}


def _agree_line(inputs: Json, payload: str, headers: list[list[str]], random: Json) -> None:
    """The token in the first line, or first two, must be what the builder makes of the payload."""
    name = inputs["cookie"]["name"]
    pairs = [value.split("; ")[0] for header, value in headers if header == "Set-Cookie"]
    token = pairs[0].removeprefix(f"{name}=")
    if token.startswith("2."):
        part = random["id"]
        token = token.removeprefix(f"2.{part}.") + pairs[1].removeprefix(f"{name}.1={part}.")
    members = json.loads(payload)
    policy = inputs["policy"]
    last = min(members["end"], members["start"] + policy["absolute"])
    ttl = min(policy["idle"], last - inputs["commit"])
    agree_token(inputs, {"token": token, "payload": payload, "ttl": ttl}, inputs["commit"], random)
