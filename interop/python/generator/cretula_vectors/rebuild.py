"""One vector from its inputs: the outcome by running the package, the rest by builder.py."""

from __future__ import annotations

from . import builder
from .accumulated import accumulated
from .calls import call, keyring_of
from .common import DERIVATION, MADE_FROM, SEALED_ONLY, Json, Mismatch, agree, hexes, take
from .sessions import cookie, device, session

__all__ = ["REBUILD", "Mismatch", "rebuild"]

HEADER = ("id", "spec", "since", "level", "flags", "comment")
KEYRING_INPUTS = {
    "key_text": ("test_keys", "text"),
    "key_bytes": ("test_keys", "bytes"),
    "ring": ("test_keys", "text", "text_hex"),
    "select": ("keyring", "now"),
    "accept": ("keyring", "now"),
    "warn": ("keyring", "now", "longest_ttl", "reload_grace", "leeway"),
}


def derivation(vector: Json, _: dict[str, Json]) -> Json:
    inputs = take(vector, "key", "kind", "audience", "purpose")
    outcome = call("derivation", "derive", inputs)
    if "error" in outcome:
        return inputs | outcome
    made = builder.build(inputs["kind"], take(inputs, "key", "audience", "purpose"))
    agree("derivation", outcome["result"], hexes(made, "working_key", "key_id"))
    return inputs | {"result": hexes(made, *DERIVATION)}


def sealer(vector: Json, _: dict[str, Json]) -> Json:
    return _maker("sealed", vector)


def signer(vector: Json, _: dict[str, Json]) -> Json:
    return _maker("signed", vector)


def _maker(kind: str, vector: Json) -> Json:
    names = ("keyring", "audience", "purpose", "limit", "now", "ttl", "payload")
    inputs = take(vector, *names, *((*SEALED_ONLY, "no_randomness") if kind == "sealed" else ()))
    called = ("sealer", "seal") if kind == "sealed" else ("signer", "sign")
    outcome = call(*called, inputs)
    if "error" in outcome:
        return inputs | outcome
    key = keyring_of(inputs).sealing_entry(inputs["now"]).key.to_bytes().hex()
    made = builder.build(kind, inputs | {"key": key, "issued_at": inputs["now"]})
    agree("token", outcome["result"]["token"], builder.text_of(made["bytes"]))
    rest = ("subkey", "aad", "body") if kind == "sealed" else ("body",)
    return inputs | {"result": hexes(made, *DERIVATION, *rest) | outcome["result"]}


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
        inputs |= {"made_from": made_from, "token": builder.text_of(made["bytes"])}
    else:
        inputs |= take(vector, "derived_from", "mutation")
        original = by_id[vector["derived_from"]]["made_from"]
        inputs["token"] = builder.mutate(kind, original, vector["mutation"])
    called = ("unsealer", "unseal") if kind == "sealed" else ("verifier", "verify")
    outcome = call(*called, inputs)
    if "error" in outcome:
        return inputs | outcome
    if made is None:
        raise Mismatch("a token that opens must have made_from")
    result = outcome["result"]
    agree("payload", result["payload"], inputs["made_from"]["payload"])
    agree("key_id", result["key_id"], made["key_id"].hex())
    rest = ("subkey", "aad", "body") if kind == "sealed" else ("body",)
    return inputs | {"result": result | hexes(made, "info", "okm", "working_key", *rest)}


def keyring(vector: Json, _: dict[str, Json]) -> Json:
    inputs = take(vector, "op", *KEYRING_INPUTS[vector["op"]])
    return inputs | call("keyring", vector["op"], inputs)


REBUILD = {
    "derivation": derivation,
    "sealer": sealer,
    "unsealer": unsealer,
    "signer": signer,
    "verifier": verifier,
    "keyring": keyring,
    "session": session,
    "cookie": cookie,
    "device": device,
    "accumulated": accumulated,
}


def rebuild(name: str, vector: Json, by_id: dict[str, Json]) -> Json:
    """The vector as this implementation would write it. Raises Mismatch, KeyError, ValueError."""
    return take(vector, *HEADER) | REBUILD[name](vector, by_id)
