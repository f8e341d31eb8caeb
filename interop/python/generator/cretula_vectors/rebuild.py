"""One vector from its inputs: the outcome by running the package, the rest by builder.py."""

from __future__ import annotations

from cretula import (
    Context,
    CretulaError,
    Entry,
    Key,
    Keyring,
    Opened,
    Sealer,
    Signer,
    Unsealer,
    Verifier,
    hazmat,
)
from cretula.derive import derive

from . import builder
from .common import (
    DERIVATION,
    MADE_FROM,
    SEALED_ONLY,
    Json,
    Mismatch,
    agree,
    hexes,
    keyring_of,
    refusal,
    take,
)
from .sessions import cookie, session

__all__ = ["REBUILD", "Mismatch", "rebuild"]

HEADER = ("id", "spec", "since", "level", "flags", "comment")


def derivation(vector: Json, _: dict[str, Json]) -> Json:
    inputs = take(vector, "key", "kind", "audience", "purpose")
    try:
        context = Context(inputs["audience"], inputs["purpose"])
    except CretulaError as error:
        return inputs | refusal(error)
    made = builder.build(
        inputs["kind"], {name: inputs[name] for name in ("key", "audience", "purpose")}
    )
    key = hazmat.key_from_bytes(bytes.fromhex(inputs["key"]))
    keys = derive(key, made["kind"], context)
    agree("working_key", keys.working_key.hex(), made["working_key"].hex())
    agree("key_id", keys.key_id.hex(), made["key_id"].hex())
    return inputs | {"result": hexes(made, *DERIVATION)}


def sealer(vector: Json, _: dict[str, Json]) -> Json:
    return _maker("sealed", vector)


def signer(vector: Json, _: dict[str, Json]) -> Json:
    return _maker("signed", vector)


def _maker(kind: str, vector: Json) -> Json:
    names = ("keyring", "audience", "purpose", "limit", "now", "ttl", "payload")
    inputs = take(vector, *names, *(SEALED_ONLY if kind == "sealed" else ()))
    payload, ttl, now = bytes.fromhex(inputs["payload"]), inputs["ttl"], inputs["now"]
    try:
        context = Context(inputs["audience"], inputs["purpose"])
        ring = keyring_of(inputs["keyring"])
        if kind == "sealed":
            sealer = Sealer(ring, context, limit=inputs["limit"])
            salt, iv = (bytes.fromhex(inputs[name]) for name in SEALED_ONLY)
            token = hazmat.seal_with_fixed_salt_and_iv(
                sealer, payload, ttl=ttl, now=now, salt=salt, iv=iv
            )
        else:
            token = Signer(ring, context, limit=inputs["limit"]).sign(payload, ttl=ttl, now=now)
    except CretulaError as error:
        return inputs | refusal(error)
    key = ring.sealing_entry(now).key.to_bytes().hex()
    made = builder.build(kind, inputs | {"key": key, "issued_at": now})
    agree("token", token, builder.text_of(made["bytes"]))
    rest = ("subkey", "aad", "body") if kind == "sealed" else ("body",)
    return inputs | {"result": hexes(made, *DERIVATION, *rest) | {"token": token}}


def unsealer(vector: Json, by_id: dict[str, Json]) -> Json:
    return _opener("sealed", vector, by_id)


def verifier(vector: Json, by_id: dict[str, Json]) -> Json:
    return _opener("signed", vector, by_id)


def _opener(kind: str, vector: Json, by_id: dict[str, Json]) -> Json:
    names = ("keyring", "audience", "purpose", "max_age", "leeway", "limit", "now")
    inputs = take(vector, *names)
    made_names = MADE_FROM + (SEALED_ONLY if kind == "sealed" else ())
    made: dict[str, bytes] | None = None
    if "made_from" in vector:
        made_from = take(vector["made_from"], *made_names)
        made = builder.build(kind, made_from)
        token = builder.text_of(made["bytes"])
        inputs |= {"made_from": made_from, "token": token}
    else:
        original = by_id[vector["derived_from"]]["made_from"]
        mutation = vector["mutation"]
        token = builder.mutate(kind, original, mutation)
        source = {"derived_from": vector["derived_from"], "mutation": mutation}
        inputs |= source | {"token": token}
    try:
        opened = open_token(kind, inputs, token)
    except CretulaError as error:
        return inputs | refusal(error)
    if made is None:
        raise Mismatch("a token that opens must have made_from")
    agree("payload", opened.payload.hex(), inputs["made_from"]["payload"])
    agree("key_id", opened.key_id.hex(), made["key_id"].hex())
    result = {
        "payload": opened.payload.hex(),
        "issued_at": opened.issued_at,
        "ttl": opened.ttl,
        "key_id": opened.key_id.hex(),
        "expires_at": opened.expires_at,
    }
    rest = ("subkey", "aad", "body") if kind == "sealed" else ("body",)
    return inputs | {"result": result | hexes(made, "info", "okm", "working_key", *rest)}


def open_token(kind: str, inputs: Json, token: str) -> Opened[bytes]:
    context = Context(inputs["audience"], inputs["purpose"])
    ring = keyring_of(inputs["keyring"])
    parameters = take(inputs, "max_age", "leeway", "limit")
    if kind == "sealed":
        return Unsealer(ring, context, **parameters).unseal(token, now=inputs["now"])
    return Verifier(ring, context, **parameters).verify(token, now=inputs["now"])


def keyring(vector: Json, _: dict[str, Json]) -> Json:
    op = vector["op"]
    names = {
        "key_text": ("test_keys", "text"),
        "key_bytes": ("test_keys", "bytes"),
        "ring": ("test_keys", "text", "text_hex"),
        "select": ("keyring", "now"),
        "accept": ("keyring", "now"),
        "warn": ("keyring", "now", "longest_ttl", "reload_grace", "leeway"),
    }
    inputs = {"op": op} | take(vector, *names[op])
    try:
        return inputs | {"result": _keyring_result(op, inputs)}
    except CretulaError as error:
        return inputs | refusal(error)


def _keyring_result(op: str, inputs: Json) -> Json:
    if op == "key_text":
        read_text = hazmat.key_from_text if inputs["test_keys"] else Key.from_text
        return {"key": read_text(inputs["text"]).to_bytes().hex()}
    if op == "key_bytes":
        read_bytes = hazmat.key_from_bytes if inputs["test_keys"] else Key.from_bytes
        key = read_bytes(bytes.fromhex(inputs["bytes"]))
        return {"key": key.to_bytes().hex(), "text": key.to_text()}
    if op == "ring":
        read_ring = hazmat.keyring_from_text if inputs["test_keys"] else Keyring.from_text
        text = inputs["text"] if "text" in inputs else bytes.fromhex(inputs["text_hex"])
        return {"entries": [_entry(entry) for entry in read_ring(text).entries]}
    ring, now = keyring_of(inputs["keyring"]), inputs["now"]
    position = {entry.key: index for index, entry in enumerate(ring.entries)}
    accepted = [position[entry.key] for entry in ring.accepted(now)]
    if op == "accept":
        return {"accepted": accepted}
    if op == "select":
        return {"seals": position[ring.sealing_entry(now).key], "accepted": accepted}
    limits = take(inputs, "longest_ttl", "reload_grace", "leeway")
    found = ring.warnings(now=now, **limits)
    return {"warnings": [{"entry": warning.entry, "code": warning.code} for warning in found]}


def _entry(entry: Entry) -> Json:
    members: Json = {"key": entry.key.to_bytes().hex()}
    if entry.seal_from != 0:
        members["seal_from"] = entry.seal_from
    if entry.accept_until is not None:
        members["accept_until"] = entry.accept_until
    return members


REBUILD = {
    "derivation": derivation,
    "sealer": sealer,
    "unsealer": unsealer,
    "signer": signer,
    "verifier": verifier,
    "keyring": keyring,
    "session": session,
    "cookie": cookie,
}


def rebuild(name: str, vector: Json, by_id: dict[str, Json]) -> Json:
    """The vector as this implementation would write it. Raises Mismatch, KeyError, ValueError."""
    return take(vector, *HEADER) | REBUILD[name](vector, by_id)
