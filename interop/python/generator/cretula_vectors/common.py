"""What the rebuilding of all classes shares."""

from __future__ import annotations

from typing import Any

from cretula import CretulaError, Entry, InvalidKeyring, Keyring, hazmat

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


def keyring_of(entries: list[Json]) -> Keyring:
    def read() -> Any:
        for entry in entries:
            key = hazmat.key_from_bytes(bytes.fromhex(entry["key"]))
            yield Entry(key, entry.get("seal_from", 0), entry.get("accept_until"))

    return Keyring(read())


def refusal(error: CretulaError) -> Json:
    outcome: Json = {"error": error.code}
    if isinstance(error, InvalidKeyring) and error.entry is not None:
        outcome["entry"] = error.entry
    return outcome
