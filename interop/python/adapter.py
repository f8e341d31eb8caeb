"""The adapter for `cretula conform -- python adapter.py` (interop/protocol.md).

Not part of the wheel: it takes test keys and fixed random values.
"""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import version
from typing import Any

from cretula_vectors.calls import call

Json = dict[str, Any]

HELLO: Json = {
    "type": "hello",
    "protocol": 2,
    "name": "cretula-python",
    "version": version("cretula"),
    "platform": f"Python {platform.python_version()}, cryptography {version('cryptography')}",
    "classes": [
        "unsealer",
        "sealer",
        "signer",
        "verifier",
        "keyring",
        "session",
        "cookie",
        "device",
    ],
    "fixed": True,
}


def answer(message: Json) -> Json:
    if message["type"] == "hello":
        return HELLO
    return {"id": message["id"]} | call(message["class"], message["op"], message)


def main() -> None:
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message["type"] == "bye":
            break
        # Flushed at once: the runner waits for this answer before it sends the next message.
        print(json.dumps(answer(message)), flush=True)


if __name__ == "__main__":
    main()
