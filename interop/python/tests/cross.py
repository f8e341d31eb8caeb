"""Makes and opens tokens for the tests of another implementation: one JSON request a line on
standard input, one JSON answer a line on standard output. Accepts test keys.

{"op": "seal" | "sign", "keyring": [{"key": hex, "seal_from"?: t, "accept_until"?: t}], "audience",
 "purpose", "limit", "now", "ttl", "payload": hex}      -> {"token"}
{"op": "unseal" | "verify", "keyring", "audience", "purpose", "max_age", "leeway", "limit", "now",
 "token"}             -> {"payload": hex, "issued_at", "ttl", "key_id": hex, "expires_at"}

A refusal is {"error": code}; a request that is not of these forms, {"bad_request": why}.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from cretula import (
    Context,
    CretulaError,
    Entry,
    Keyring,
    Sealer,
    Signer,
    Unsealer,
    Verifier,
    hazmat,
)

Json = dict[str, Any]


def keyring_of(entries: list[Json]) -> Keyring:
    return Keyring(
        Entry(
            hazmat.key_from_bytes(bytes.fromhex(entry["key"])),
            entry.get("seal_from", 0),
            entry.get("accept_until"),
        )
        for entry in entries
    )


def answer(request: Json) -> Json:
    op, now = request["op"], request["now"]
    context = Context(request["audience"], request["purpose"])
    ring = keyring_of(request["keyring"])
    if op in ("seal", "sign"):
        payload, ttl, limit = bytes.fromhex(request["payload"]), request["ttl"], request["limit"]
        if op == "seal":
            return {"token": Sealer(ring, context, limit=limit).seal(payload, ttl=ttl, now=now)}
        return {"token": Signer(ring, context, limit=limit).sign(payload, ttl=ttl, now=now)}
    parameters = {name: request[name] for name in ("max_age", "leeway", "limit")}
    token = request["token"]
    if op == "unseal":
        opened = Unsealer(ring, context, **parameters).unseal(token, now=now)
    elif op == "verify":
        opened = Verifier(ring, context, **parameters).verify(token, now=now)
    else:
        raise ValueError("no such op")
    return {
        "payload": opened.payload.hex(),
        "issued_at": opened.issued_at,
        "ttl": opened.ttl,
        "key_id": opened.key_id.hex(),
        "expires_at": opened.expires_at,
    }


def main() -> None:
    for line in sys.stdin.buffer:
        try:
            reply = answer(json.loads(line))
        except CretulaError as error:
            reply = {"error": error.code}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reply = {"bad_request": f"{type(error).__name__}: {error}"}
        # Flushed at once: the other side waits for this answer before it sends the next request.
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
