"""The vector files and their manifest are what `schema.json` says."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

FOLDER = Path(__file__).parents[3] / "test-vectors" / "v1"
FILES = sorted(path.name for path in FOLDER.glob("*.json") if path.name != "schema.json")


def without_spec(vector: dict[str, Any]) -> None:
    del vector["spec"]


BREAKS: list[Callable[[dict[str, Any]], None]] = [
    without_spec,
    lambda vector: vector.update(surprise=1),
    lambda vector: vector.update(error="no_such_code"),
    lambda vector: vector.update(level="perhaps"),
]


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def errors(value: Any) -> list[str]:
    schema = load("schema.json")
    Draft202012Validator.check_schema(schema)
    return [error.message[:300] for error in Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize("name", FILES)
def test_file_is_valid(name: str) -> None:
    assert errors(load(name)) == []


@pytest.mark.parametrize("name", [name for name in FILES if name != "manifest.json"])
def test_schema_refuses_what_it_does_not_know(name: str) -> None:
    file = load(name)
    file["vectors"] = file["vectors"][:1]
    assert errors(file) == []
    for break_vector in BREAKS:
        broken = copy.deepcopy(file)
        break_vector(broken["vectors"][0])
        assert errors(broken)


def test_every_file_is_listed() -> None:
    listed = [entry["file"] for entry in load("manifest.json")["files"]]
    assert {*listed, "manifest.json"} == set(FILES)
    assert {"session.json", "cookie.json"} <= set(FILES)
