"""A second, plain building of tokens, in which any intermediate can be overridden.

It shares no code with the package: what both get wrong in the same way, no comparison shows.
"""

from __future__ import annotations

import base64
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Json = dict[str, Any]

MAGIC = {"sealed": "0ab135", "signed": "0ab4b5"}
KIND = {"sealed": "45", "signed": "53"}
TEXTS = ("audience", "purpose")
NUMBERS = ("issued_at", "ttl")


def _hmac(key: bytes, message: bytes) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(message)
    return mac.finalize()


def build(kind: str, inputs: Json, overrides: Json | None = None) -> dict[str, bytes]:
    """Build a token of `kind` and return every intermediate by name, the token's bytes as `bytes`.

    `inputs` and `overrides` are as in the vector files. No value is checked for its range.
    """
    given = {**inputs, **(overrides or {})}
    made: dict[str, bytes] = {}

    def settle(name: str, computed: bytes) -> bytes:
        made[name] = bytes.fromhex(given[name]) if name in given else computed
        return made[name]

    audience, purpose = (given[name].encode("utf-8") for name in TEXTS)
    magic = settle("magic", bytes.fromhex(MAGIC[kind]))
    kind_byte = settle("kind", bytes.fromhex(KIND[kind]))
    info = b"cretula-v1\x00" + kind_byte
    for field in (audience, purpose):
        info += len(field).to_bytes(1, "big") + field
    info = settle("info", info)
    hkdf = HKDF(algorithm=SHA256(), length=64, salt=b"", info=info)
    okm = settle("okm", hkdf.derive(bytes.fromhex(given["key"])))
    working_key = settle("working_key", okm[:32])
    key_id = settle("key_id", okm[32:])
    if "payload" not in given:  # a derivation vector
        return made
    times = given["issued_at"].to_bytes(6, "big") + given["ttl"].to_bytes(4, "big")
    body = settle("body", times + bytes.fromhex(given["payload"]))
    if kind == "signed":
        message = magic + key_id + body
        made["bytes"] = message + settle("tag", _hmac(working_key, message))
        return made
    salt, iv = bytes.fromhex(given["salt"]), bytes.fromhex(given["iv"])
    aad = settle("aad", magic + key_id + salt)
    subkey = settle("subkey", _hmac(working_key, b"cretula-v1 token" + salt + b"\x01"))
    encrypted = AESGCM(subkey).encrypt(iv, body, aad)
    ciphertext = settle("ciphertext", encrypted[:-16])
    tag = settle("tag", encrypted[-16:])
    made["bytes"] = magic + key_id + salt + iv + ciphertext + tag
    return made


def known_members(kind: str) -> set[str]:
    """The names that a `set` step may have."""
    common = {"key", *TEXTS, *NUMBERS, "payload", "magic", "kind", "info", "okm", "working_key"}
    common |= {"key_id", "body", "tag"}
    return common | ({"salt", "iv", "aad", "subkey", "ciphertext"} if kind == "sealed" else set())


def text_of(data: bytes) -> str:
    """The base64url text of a token's bytes."""
    return base64.b64encode(data, altchars=b"-_").decode("ascii").replace("=", "")


def bytes_of(text: str) -> bytes:
    """The bytes of a text that text_of() wrote."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")


def opened(key: str, context: Json, text: str) -> tuple[str, int]:
    """Payload and ttl of a sealed token of this key, audience and purpose. Raises InvalidTag."""
    made, data = build("sealed", context | {"key": key}), bytes_of(text)
    subkey = _hmac(made["working_key"], b"cretula-v1 token" + data[35:47] + b"\x01")
    body = AESGCM(subkey).decrypt(data[47:59], data[59:], data[:47])
    return body[10:].decode("utf-8"), int.from_bytes(body[6:10], "big")


def mutate(kind: str, made_from: Json, mutation: list[Json]) -> str:
    """Build `made_from` with the steps of `mutation` and return the text."""
    overrides: Json = {}
    for step in mutation:
        if "set" in step:
            unknown = step["set"].keys() - known_members(kind)
            if unknown:
                raise ValueError(f"set of unknown members {sorted(unknown)}")
            overrides.update(step["set"])
    data = build(kind, made_from, overrides)["bytes"]
    for step in mutation:
        if "bytes" in step:
            at, delete, insert = _splice(step["bytes"], len(data))
            data = data[:at] + bytes.fromhex(insert) + data[at + delete :]
    text = text_of(data)
    for step in mutation:
        if "text" in step:
            at, delete, insert = _splice(step["text"], len(text))
            text = text[:at] + insert + text[at + delete :]
    _check_order(mutation)
    return text


def _splice(step: Json, length: int) -> tuple[int, int, str]:
    at, delete, insert = step["at"], step["delete"], step["insert"]
    # A slice beyond the end would silently do less than the step says.
    if min(at, delete) < 0 or at + delete > length:
        raise ValueError(f"step at {at} deletes {delete} of {length}")
    return at, delete, insert


def _check_order(mutation: list[Json]) -> None:
    sorts: list[str] = []
    for step in mutation:
        if len(step) != 1 or not step.keys() <= {"set", "bytes", "text"}:
            raise ValueError(f"a step has one member, set, bytes or text: {step}")
        sorts.extend(step)
    if sorts != sorted(sorts, key=["set", "bytes", "text"].index):
        raise ValueError("steps out of order")
