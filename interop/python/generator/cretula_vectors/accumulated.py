"""Vectors that stand for many calls: inputs computed from a number, digests over the outcomes.

The tokens are made by the package and by builder.py, the outcomes of mutations by the package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache

from cretula import base64url

from . import builder
from .calls import call
from .common import SEALED_ONLY, Json, agree, take

CASES = 10_000
BLOCK = 1_000
LIFE_MAX = 34_560_000
TIME_END = 1 << 48
LIMIT = 16_384
STARTS = ("CrE1", "CrS1", "CrE2", "CrS0", "CrE-", "CrE.", "crE1", "C1rE")


def number(data: bytes, start: int, end: int) -> int:
    return int.from_bytes(data[start:end], "big")


def case(position: int) -> Json:
    """The inputs of a case, as `made_from` has them."""
    label = b"cretula-accumulated-case" + position.to_bytes(4, "big")
    blocks = (hashlib.sha256(label + count.to_bytes(4, "big")).digest() for count in range(18))
    stream = b"".join(blocks)  # 576 bytes: a payload ends at 64 + 511 at most
    return {
        "key": b"cretula-test-key".hex() + stream[:16].hex(),
        "audience": f"audience-{stream[16]}",
        "purpose": f"purpose-{stream[17]}",
        "issued_at": number(stream, 18, 24),
        "ttl": 1 + number(stream, 24, 28) % LIFE_MAX,
        "payload": stream[64 : 64 + number(stream, 52, 54) % 512].hex(),
        "salt": stream[28:40].hex(),
        "iv": stream[40:52].hex(),
    }


def of_ring(made_from: Json) -> Json:
    return {"keyring": [take(made_from, "key")]} | take(made_from, "audience", "purpose")


def token(kind: str, made_from: Json) -> str:
    """The token of a case by the package, which the builder must make too."""
    inputs = of_ring(made_from) | take(made_from, "ttl", "payload")
    inputs |= {"limit": LIMIT, "now": made_from["issued_at"]}
    if kind == "sealed":
        outcome = call("sealer", "seal", inputs | take(made_from, *SEALED_ONLY))
    else:
        outcome = call("signer", "sign", inputs)
    made: str = outcome["result"]["token"]
    agree("token", made, builder.text_of(builder.build(kind, made_from)["bytes"]))
    return made


@cache
def tokens(kind: str, count: int) -> list[str]:
    return [token(kind, case(position)) for position in range(count)]


def changed(text: str, at: int, insert: str, delete: int = 1) -> str:
    return text[:at] + insert + text[at + delete :]


def mutated(position: int, text: str, made_from: Json) -> tuple[str, Json]:
    """The text and the opening parameters of a mutation that starts from this token."""
    stream = hashlib.sha256(b"cretula-accumulated-mutation" + position.to_bytes(4, "big")).digest()
    at = number(stream, 0, 4) % len(text)
    character = chr(32 + stream[4] % 95)
    way, pick = stream[5] % 12, stream[6]
    issued_at = made_from["issued_at"]
    opening = {"now": issued_at, "max_age": LIFE_MAX, "leeway": 60, "limit": LIMIT}
    if way == 0:
        text = changed(text, at, character)
    elif way == 1:
        text = changed(text, at, "")
    elif way == 2:
        text = changed(text, at, character, delete=0)
    elif way == 3:
        text = text[:at]
    elif way == 4:
        other = (at + 1) % len(text)
        text = changed(changed(text, at, text[other]), other, text[at])
    elif way == 5:
        data = bytearray(base64url.decode(text.encode("ascii")) or b"")
        data[number(stream, 0, 4) % len(data)] ^= 1 << pick % 8
        text = base64url.encode(bytes(data))
    elif way == 6:
        text = text[:-1] + chr(base64url.ALPHABET[pick % 64])
    elif way == 7:
        text = STARTS[pick % 8] + text[4:]
    elif way == 8:
        opening["now"] = issued_at + made_from["ttl"] - 2 + pick % 4
    elif way == 9:
        opening["now"] = issued_at - 62 + pick % 4
    elif way == 10:
        opening["max_age"] = 1 + number(stream, 8, 12) % LIFE_MAX
        opening["now"] = issued_at + opening["max_age"] - 2 + pick % 4
    else:
        opening["limit"] = len(text) - 1 + pick % 2
    opening["now"] = min(max(opening["now"], 0), TIME_END - 1)
    return text, opening


def opened(kind: str, made_from: Json, text: str, opening: Json) -> str:
    called = ("unsealer", "unseal") if kind == "sealed" else ("verifier", "verify")
    outcome = call(*called, of_ring(made_from) | opening | {"token": text})
    return str(outcome.get("error", "ok"))


def outcomes(op: str, count: int) -> Iterator[str]:
    kind = "sealed" if op in ("seal", "unseal") else "signed"
    if op in ("seal", "sign"):
        yield from tokens(kind, count)
        return
    made = tokens(kind, min(count, CASES))
    cases = [case(position) for position in range(len(made))]
    for position in range(count):
        text, made_from = made[position % CASES], cases[position % CASES]
        yield opened(kind, made_from, *mutated(position, text, made_from))


@cache
def digests(op: str, count: int) -> Json:
    whole, block = hashlib.sha256(), hashlib.sha256()
    blocks = []
    for position, outcome in enumerate(outcomes(op, count), 1):
        line = outcome.encode("ascii") + b"\n"
        whole.update(line)
        block.update(line)
        if position % BLOCK == 0 or position == count:
            blocks.append(block.hexdigest())
            block = hashlib.sha256()
    return {"sha256": whole.hexdigest(), "blocks": blocks}


def accumulated(vector: Json, _: dict[str, Json]) -> Json:
    inputs = take(vector, "op", "count")
    return inputs | {"result": digests(inputs["op"], inputs["count"])}
