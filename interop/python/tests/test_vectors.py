"""Every vector of every class, one test each, with the exact code for each refusal ([CONF-01])."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from cretula_vectors.__main__ import FILES, rebuild_all
from cretula_vectors.rebuild import rebuild
from support import VECTORS


def load() -> dict[str, list[dict[str, Any]]]:
    files = {}
    for file in FILES:
        path = VECTORS / file
        # No vectors must not look like success.
        if not path.is_file():
            return {}
        files[file.removesuffix(".json")] = json.loads(path.read_bytes())["vectors"]
    return files


VECTOR_FILES = load()
# One test for each vector. None at all fails test_vectors_are_there.
CASES = [
    pytest.param(name, vector, id=vector["id"])
    for name, vectors in VECTOR_FILES.items()
    for vector in vectors
]
OUTCOME = ("result", "error", "entry", "over", "largest")


def test_vectors_are_there() -> None:
    assert VECTOR_FILES, f"no vector files in {VECTORS.parent.name}/{VECTORS.name}"
    for name, vectors in VECTOR_FILES.items():
        assert vectors, f"no vectors in {name}.json"


@pytest.mark.parametrize(("name", "vector"), CASES)
def test_vector(name: str, vector: dict[str, Any]) -> None:
    assert ("result" in vector) != ("error" in vector)
    # Without the outcome, so that nothing of it can be copied.
    inputs = {member: value for member, value in vector.items() if member not in OUTCOME}
    by_id = {other["id"]: other for other in VECTOR_FILES[name]}
    rebuilt = rebuild(name, inputs, by_id)
    for member in OUTCOME:
        assert rebuilt.get(member) == vector.get(member)
    assert rebuilt == vector


def test_files_byte_for_byte() -> None:
    _, report = rebuild_all(VECTORS)
    assert report == []


def test_manifest() -> None:
    manifest = json.loads((VECTORS / "manifest.json").read_bytes())
    assert [entry["file"] for entry in manifest["files"]] == list(FILES)
    for entry in manifest["files"]:
        data = (VECTORS / entry["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
