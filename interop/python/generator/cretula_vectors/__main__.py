"""python -m cretula_vectors DIR [--check | --out DIR]

Rebuilds the vector files in DIR (test-vectors, or test-vectors/v1) from the inputs inside them, and
compares with the files byte for byte (--check, the default), or writes them to another folder.
Exit status: 0 all alike, 1 a difference, 2 wrong use.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag

from .rebuild import REBUILD, Mismatch, rebuild

FILES = tuple(f"{name}.json" for name in REBUILD)


def to_bytes(value: object) -> bytes:
    """The byte-for-byte form that the README of the vectors gives."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def rebuild_file(file: str, content: dict[str, Any], report: list[str]) -> dict[str, Any]:
    vectors = content["vectors"]
    by_id = {vector["id"]: vector for vector in vectors}
    if len(by_id) != len(vectors):
        report.append(f"{file}: an id occurs twice")
    rebuilt = []
    for vector in vectors:
        for flag in set(vector.get("flags", ())) - content["flags"].keys():
            report.append(f"{file}: {vector['id']}: flag {flag!r} is not explained")
        try:
            made = rebuild(file.removesuffix(".json"), vector, by_id)
        except (Mismatch, InvalidTag, LookupError, TypeError, ValueError, OverflowError) as error:
            report.append(f"{file}: {vector['id']}: {type(error).__name__}: {error}")
            made = vector
        for name in [*vector, *(name for name in made if name not in vector)]:
            if vector.get(name) != made.get(name):
                here, there = made.get(name, "absent"), vector.get(name, "absent")
                report.append(f"{file}: {vector['id']}: {name}: rebuilt {here}, file has {there}")
        rebuilt.append(made)
    head = {name: content[name] for name in ("format", "suite", "class", "flags")}
    return head | {"vectors": rebuilt}


def manifest_entry(file: str, content: dict[str, Any], data: bytes) -> dict[str, Any]:
    positive = sum("result" in vector for vector in content["vectors"])
    return {
        "file": file,
        "class": content["class"],
        "vectors": len(content["vectors"]),
        "positive": positive,
        "negative": len(content["vectors"]) - positive,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def rebuild_all(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """The bytes of every file by name, and a report of what differs, empty if nothing does."""
    report: list[str] = []
    files: dict[str, bytes] = {}
    entries = []
    suites = set()
    for file in FILES:
        original = (folder / file).read_bytes()
        content = rebuild_file(file, json.loads(original), report)
        if not content["vectors"]:
            report.append(f"{file}: no vectors")
        files[file] = to_bytes(content)
        if files[file] != original:
            report.append(f"{file}: {difference(files[file], original)}")
        suites.add(content["suite"])
        entries.append(manifest_entry(file, content, files[file]))
    if len(suites) != 1:
        report.append(f"the files are of several suites: {sorted(suites)}")
    manifest = {"format": "cretula-manifest-1", "suite": min(suites), "files": entries}
    files["manifest.json"] = to_bytes(manifest)
    original = (folder / "manifest.json").read_bytes()
    if files["manifest.json"] != original:
        report.append(f"manifest.json: {difference(files['manifest.json'], original)}")
    return files, report


def difference(rebuilt: bytes, original: bytes) -> str:
    """Where two files differ first, by line."""
    ours, theirs = rebuilt.split(b"\n"), original.split(b"\n")
    for number, (our, their) in enumerate(zip(ours, theirs, strict=False), 1):
        if our != their:
            return f"line {number}: rebuilt {shown(our)}, file has {shown(their)}"
    return f"rebuilt {len(ours)} lines, file has {len(theirs)}"


def shown(line: bytes) -> str:
    return repr(line[:120].decode("utf-8", "replace"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="cretula_vectors", description=__doc__)
    parser.add_argument("vectors", type=Path)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare only (the default)")
    mode.add_argument("--out", type=Path, help="write the rebuilt files to this folder")
    arguments = parser.parse_args()
    folder = arguments.vectors
    if (folder / "v1").is_dir():
        folder = folder / "v1"
    try:
        files, report = rebuild_all(folder)
    except OSError as error:
        print(f"cannot read the vectors: {error}", file=sys.stderr)
        return 2
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        for file, data in files.items():
            (arguments.out / file).write_bytes(data)
    for line in report:
        print(line if len(line) <= 600 else line[:600] + " …")
    print(f"{len(files)} files, {len(report)} differences")
    return 1 if report else 0


if __name__ == "__main__":
    sys.exit(main())
