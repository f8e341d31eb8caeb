"""Holds every line between `cretula conform` and `cretula adapter` to protocol.schema.json.

python interop/protocol_schema.py     from the repository's root, with the command built and the
                                      dependencies of interop/python[.test] installed

The run is whole except for the accumulated vectors, which add calls and no new form of message.
"""

import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

CRETULA = "target/debug/cretula"
SCHEMA = json.loads(Path(__file__).with_name("protocol.schema.json").read_text(encoding="utf-8"))
# What a vector expects, and what is for generators: no request may have it, at any depth.
WITHHELD = {
    "result",
    "error",
    "made_from",
    "messages",
    "holds",
    "over",
    "template",
    "flags",
    "jwts",
}
OPS = 22
LINES = 4000


def record(log: Path) -> int:
    """Stands between the runner and the adapter, and writes each line both ways to a file."""
    with (
        subprocess.Popen(
            [CRETULA, "adapter"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as adapter,
        log.open("wb") as file,
    ):
        assert adapter.stdin is not None
        assert adapter.stdout is not None
        for line in sys.stdin.buffer:
            file.write(b"> " + line)
            adapter.stdin.write(line)
            adapter.stdin.flush()
            if json.loads(line)["type"] == "bye":
                break
            answer = adapter.stdout.readline()
            file.write(b"< " + answer)
            sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()
        adapter.stdin.close()
    return adapter.returncode


class Bad(Exception):
    """Says what is wrong with a line."""


@cache
def validator(definition: str) -> Draft202012Validator:
    """Makes the validator of one definition, once."""
    if definition not in SCHEMA["$defs"]:
        raise Bad(f"the schema has no definition {definition}")
    members = {name: value for name, value in SCHEMA.items() if name != "anyOf"}
    return Draft202012Validator({**members, "$ref": f"#/$defs/{definition}"})


def check(definition: str, message: Any) -> None:
    valid = validator(definition)
    if valid.is_valid(message):
        return
    error = best_match(valid.iter_errors(message))
    raise Bad(f"not {definition}: at {error.json_path}: {error.message}")


def names(value: Any) -> set[str]:
    """Gives the names of all members of a value, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


class Conversation:
    """Follows the lines of a run: what an answer has to be, the request before it says."""

    def __init__(self) -> None:
        self.answer = ""
        self.ops: set[str] = set()
        self.types: list[str] = []

    def take(self, mark: str, message: Any) -> None:
        if mark == "<":
            check(self.answer, message)
            return
        kind = str(message.get("type"))
        if kind != "request":
            check(kind, message)
            self.types.append(kind)
            self.answer = f"{kind}_answer"
            return
        op = str(message.get("op"))
        if message.get("class") == "device":
            op = f"device_{op}"
        check(f"request_{op}", message)
        if leaked := WITHHELD & names(message):
            raise Bad(f"the request holds {', '.join(sorted(leaked))}")
        self.ops.add(op)
        self.answer = f"answer_{op}"


def main() -> int:
    Draft202012Validator.check_schema(SCHEMA)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        adapter = [sys.executable, __file__, "record", str(log)]
        command = [CRETULA, "conform", "--quick", "--", *adapter]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"{run.stdout}{' '.join(command)}: exit status {run.returncode}")
        # Only a line feed ends a line.
        lines = log.read_bytes().decode().removesuffix("\n").split("\n")
    conversation = Conversation()
    for number, line in enumerate(lines, 1):
        try:
            conversation.take(line[0], json.loads(line[2:]))
        except (Bad, ValueError) as bad:
            sys.exit(f"line {number}: {bad}\n{line}")
    if conversation.types != ["hello", "bye"]:
        sys.exit(f"not one hello and one bye: {conversation.types}")
    if len(lines) <= LINES or len(conversation.ops) != OPS:
        sys.exit(f"{len(lines)} lines of {len(conversation.ops)} ops: not the whole run")
    print(f"{len(lines)} passed")
    return 0


if __name__ == "__main__":
    sys.exit(record(Path(sys.argv[2])) if sys.argv[1:2] == ["record"] else main())
