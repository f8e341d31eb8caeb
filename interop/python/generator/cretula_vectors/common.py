"""What the rebuilding of all classes shares."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

MADE_FROM = ("key", "audience", "purpose", "issued_at", "ttl", "payload")
SEALED_ONLY = ("salt", "iv")
DERIVATION = ("info", "okm", "working_key", "key_id")


class Mismatch(Exception):
    """The vector contradicts itself, or the builder and the package disagree."""


def agree(what: str, one: object, other: object) -> None:
    if one != other:
        raise Mismatch(f"{what}: package {one!r}, builder {other!r}")


def take(vector: Json, *names: str) -> Json:
    """The members of these names that are there, in this order."""
    return {name: vector[name] for name in names if name in vector}


def hexes(made: dict[str, bytes], *names: str) -> Json:
    return {name: made[name].hex() for name in names}
