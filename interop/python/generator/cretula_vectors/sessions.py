"""Vectors of sessions and cookies: as in rebuild.py, outcomes by the package, tokens by builder."""

from __future__ import annotations

import json
import re
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from . import builder
from .calls import call, keyring_of
from .common import SEALED_ONLY, Json, Mismatch, agree, take

COMMON = ("keyring", "audience", "purpose", "policy", "check")
SOURCE = ("key", "audience", "purpose", "issued_at", "ttl", "payload", "payload_hex", *SEALED_ONLY)
PLACE = re.compile(r"\{([0-9]+)(?::([0-9]+)(?::([0-9]*))?)?\}")
# What an action answers stands in this member of it.
ANSWERS = {"take_flash": "messages", "reauth_within": "holds", "excess": "over"}
TOKEN = re.compile(r"CrE1[A-Za-z0-9_-]+")
# The payloads of §21.2.
SID, JKT = "[A-Za-z0-9_-]{22}", "[A-Za-z0-9_-]{43}"
PAYLOADS = {
    "challenge": rf'{{"use":"(register","sid":"{SID}|refresh","jkt":"{JKT})"}}',
    "device": rf'{{"sid":"{SID}","x":"{JKT}","y":"{JKT}"}}',
    "proof": rf'{{"sid":"{SID}","jkt":"{JKT}"}}',
}
NAME = "__Host-Http-session"  # of a cookie without a name


def sealed(made_from: Json) -> str:
    """The text of a token whose payload is a string, or hex where it is not UTF-8."""
    payload = made_from.get("payload_hex")
    if payload is None:
        payload = made_from["payload"].encode("utf-8").hex()
    return builder.text_of(builder.build("sealed", made_from | {"payload": payload})["bytes"])


def agree_token(inputs: Json, made: Json, now: int, random: Json) -> None:
    """The token of a seal must be what the builder makes of its payload."""
    key = keyring_of(inputs).sealing_entry(now).key.to_bytes().hex()
    fields = {"key": key, "issued_at": now, "ttl": made["ttl"], "payload": made["payload"]}
    given = take(inputs, "audience", "purpose") | fields | take(random, *SEALED_ONLY)
    agree("token", made["token"], sealed(given))


def asked(actions: list[Json]) -> list[Json]:
    """The actions without their answers."""
    return [{name: _question(name, given)} for action in actions for name, given in action.items()]


def _question(name: str, given: Any) -> Any:
    if name not in ANSWERS:
        return given
    return {member: value for member, value in given.items() if member != ANSWERS[name]}


def told(actions: list[Json], answers: list[Any]) -> list[Json]:
    """The actions with the answers that they got, of which as many are taken."""
    full = []
    for action in actions:
        ((name, given),) = action.items()
        if name in ANSWERS and answers:
            action = {name: given | {ANSWERS[name]: answers.pop(0)}}
        full.append(action)
    return full


def session(vector: Json, _: dict[str, Json]) -> Json:
    op = vector["op"]
    inputs = take(vector, "op", *COMMON, *(("now", "ended") if op == "open" else ()))
    if "made_from" in vector:
        inputs["made_from"] = take(vector["made_from"], *SOURCE)
        inputs["token"] = sealed(inputs["made_from"])
    if op == "open":
        return inputs | call("session", op, inputs)
    requests = vector["requests"]
    bare = [
        request
        | {name: asked(actions) for name, actions in take(request, "actions", "after").items()}
        for request in requests
    ]
    answers: list[Any] = []
    outcome = call("session", op, inputs | {"requests": bare}, answers)
    inputs["requests"] = [
        request | {"actions": told(request["actions"], answers)} for request in requests
    ]
    if "error" in outcome:
        return inputs | outcome
    members = ("open", "not_now", "wrote", "payload", "ttl", "token", "ended")
    done = [take(one, *members) for one in outcome["result"]["requests"]]
    ring = take(inputs, "keyring")
    for request, one in zip(requests, done, strict=True):
        for exchange in ("keyring", "exchange"):  # as they come
            ring["keyring"] = request.get(exchange, ring["keyring"])
        if one["wrote"] == "seal":
            agree_token(inputs | ring, one, request["commit"], request["random"])
    return inputs | {"result": {"requests": done}}


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


def cookie(vector: Json, _: dict[str, Json]) -> Json:
    op = vector["op"]
    if op == "setup":
        inputs = take(vector, "op", "cookies")
        return inputs | call("cookie", op, inputs)
    life = ("max_age", "leeway") if op == "read_token" else ("policy", "check")
    inputs = take(vector, "op", "keyring", "audience", "purpose", *life, "cookie", "now")
    inputs["tokens"] = [take(made_from, *SOURCE) for made_from in vector["tokens"]]
    inputs["template"] = vector["template"]
    inputs["fields"] = filled(inputs["template"], [sealed(one) for one in inputs["tokens"]])
    if op != "write":
        return inputs | call("cookie", op, inputs)
    return _written("cookie", vector, inputs)


def _written(name: str, vector: Json, inputs: Json) -> Json:
    inputs |= take(vector, "actions", "commit", "cache_control", "random", "no_randomness")
    answers: list[Any] = []
    outcome = call(name, "write", inputs | {"actions": asked(inputs["actions"])}, answers)
    inputs["actions"] = told(inputs["actions"], answers)
    if "result" in outcome:
        members = ("open", "not_now", "headers", "large", "payload", "ended")
        outcome = {"result": take(outcome["result"], *members)}
        if "payload" in outcome["result"]:
            agree_line(inputs, **take(outcome["result"], "payload", "headers"))
        agree_binding(inputs, outcome["result"])
    return inputs | outcome


def device(vector: Json, _: dict[str, Json]) -> Json:
    op = vector["op"]
    if op == "setup":
        inputs = take(vector, "op", "purpose", "cookie", "device")
        return inputs | call("device", op, inputs)
    inputs = take(vector, "op", *COMMON, "cookie", "device", "now")
    inputs["tokens"] = [take(made_from, *SOURCE) for made_from in vector["tokens"]]
    inputs["template"] = vector["template"]
    tokens = [sealed(one) for one in inputs["tokens"]]
    inputs["fields"] = filled(inputs["template"], tokens)
    if op == "read":
        return inputs | call("device", op, inputs)
    if op == "write":
        return _written("device", vector, inputs)
    if op == "refresh":
        inputs["id_template"] = vector["id_template"]
        inputs["ids"] = filled(inputs["id_template"], tokens)
    inputs["jwts"] = [take(jwt, "header", "claims", "key", "signature") for jwt in vector["jwts"]]
    inputs["response_template"] = vector["response_template"]
    jwts = [signed(jwt, tokens) for jwt in inputs["jwts"]]
    inputs["responses"] = filled(inputs["response_template"], jwts)
    inputs |= take(vector, "random", "no_randomness")
    outcome = call("device", op, inputs)
    if "result" in outcome:
        result, at_once = outcome["result"], inputs | {"commit": inputs["now"]}
        if "payload" in result:
            agree_line(at_once, **take(result, "payload", "headers"))
        agree_binding(at_once, result)
    return inputs | outcome


def signed(jwt: Json, tokens: list[str]) -> str:
    """A JWT with the signature of its key, or the octets that are given."""
    (claims,) = filled([jwt["claims"]], tokens)
    parts = [builder.text_of(part.encode("utf-8")) for part in (jwt["header"], claims)]
    message = ".".join(parts)
    if "signature" in jwt:
        return f"{message}.{builder.text_of(bytes.fromhex(jwt['signature']))}"
    private = ec.derive_private_key(int(jwt["key"], 16), ec.SECP256R1())
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(private.sign(message.encode("ascii"), algorithm))
    return f"{message}.{builder.text_of(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def agree_binding(inputs: Json, result: Json) -> None:
    """Each token of device binding must be what the builder makes of a payload of §21.2."""
    now, purpose, random = inputs["commit"], inputs["purpose"], inputs.get("random", {})
    text = json.dumps(result)
    for name, drawn in take(random, "device", "proof", "challenge").items():
        pair = bytes.fromhex(drawn["salt"])
        tokens = set(TOKEN.findall(text))
        (token,) = (token for token in tokens if builder.bytes_of(token[:64])[35:47] == pair)
        ring = keyring_of(inputs)
        key = ring.sealing_entry(now).key.to_bytes().hex()
        context = {"audience": inputs["audience"], "purpose": f"{purpose}.{name}"}
        payload, ttl = builder.opened(key, context, token)
        if re.fullmatch(PAYLOADS[name], payload) is None or (name == "challenge" and ttl != 60):
            raise Mismatch(f"{name}: {payload} for {ttl} seconds")
        fields = {"key": key, "issued_at": now, "ttl": ttl, "payload": payload}
        agree(name, token, sealed(context | fields | drawn))


def agree_line(inputs: Json, payload: str, headers: list[list[str]]) -> None:
    """The token in the last line must be what the builder makes of the payload.

    In two cookies, its second part is in an earlier line, the one that is not empty.
    """
    name, random = inputs["cookie"].get("name", NAME), inputs["random"]
    pairs = [value.split("; ")[0] for header, value in headers if header == "Set-Cookie"]
    token = pairs[-1].removeprefix(f"{name}=")
    if token.startswith("2."):
        start = f"{name}.1={random['id']}."
        (second,) = (pair.removeprefix(start) for pair in pairs if pair.startswith(start))
        token = token.removeprefix(f"2.{random['id']}.") + second
    members = json.loads(payload)
    policy = inputs["policy"]
    last = min(members["end"], members["start"] + policy["absolute"])
    ttl = min(policy["idle"], last - inputs["commit"])
    agree_token(inputs, {"token": token, "payload": payload, "ttl": ttl}, inputs["commit"], random)
