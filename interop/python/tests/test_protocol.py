"""The calls of protocol 2 (interop/protocol.md), each message held to its schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cretula_vectors.calls import call
from support import FOLDER, NOW, raw_key

Json = dict[str, Any]

SCHEMA = json.loads((FOLDER.parent / "protocol.schema.json").read_text("utf-8"))
RING = [{"key": raw_key(1).hex()}]
OTHER = [{"key": raw_key(2).hex()}]
CONTEXT = {"audience": "a", "purpose": "p"}
POLICY = {"idle": 1800, "absolute": 86_400, "leeway": 60}
SESSION: Json = {"keyring": RING, **CONTEXT, "policy": POLICY}
NOTHING = {"now": NOW, "actions": [], "commit": NOW}
SEND = {"now": NOW, "actions": [{"send": True}], "commit": NOW}


def valid(definition: str, message: Json) -> None:
    members = {name: value for name, value in SCHEMA.items() if name != "anyOf"}
    schema = {**members, "$ref": f"#/$defs/{definition}"}
    assert [error.message for error in Draft202012Validator(schema).iter_errors(message)] == []


def is_valid(definition: str, message: Json) -> bool:
    members = {name: value for name, value in SCHEMA.items() if name != "anyOf"}
    schema = {**members, "$ref": f"#/$defs/{definition}"}
    return bool(Draft202012Validator(schema).is_valid(message))


def ask(name: str, op: str, **inputs: Any) -> Json:
    """The outcome of a request; what follows a refusal is in it too."""
    request = {"type": "request", "id": "a", "class": name, "op": op, **inputs}
    form = f"device_{op}" if name == "device" else op
    valid(f"request_{form}", request)
    valid("request", request)
    outcome = call(name, op, inputs, [])
    valid(f"answer_{form}", {"id": "a", **outcome})
    return outcome


def run(*requests: Json, **inputs: Any) -> list[Json]:
    done: list[Json] = ask("session", "run", **SESSION, **inputs, requests=list(requests))[
        "result"
    ]["requests"]
    return done


def refused(*requests: Json) -> str:
    error: str = ask("session", "run", **SESSION, requests=list(requests))["error"]
    return error


def write(*actions: Json, **inputs: Any) -> Json:
    given = {"cookie": {}, "now": NOW, "fields": [], "actions": list(actions), "commit": NOW}
    return ask("cookie", "write", **{**SESSION, **given, **inputs})


def test_hello() -> None:
    hello = {"type": "hello", "protocol": 2, "suite": "3.0.0", "digest": "0" * 64}
    valid("hello", hello)
    Draft202012Validator.check_schema(SCHEMA)


def test_calls_without_a_clock() -> None:
    life = {"max_age": 9, "leeway": 0}
    making = {"keyring": RING, **CONTEXT, "limit": 999, "now": None, "ttl": 0, "payload": ""}
    fields: Json = {"cookie": {}, "fields": []}
    opening = {"keyring": RING, **CONTEXT, **life, "now": None}
    outcomes = [
        ask("sealer", "seal", **making),
        ask("signer", "sign", **making),
        ask("unsealer", "unseal", **opening, limit=999, token="x"),
        ask("verifier", "verify", **opening, limit=999, token="x"),
        ask("keyring", "select", keyring=RING, now=None),
        ask("keyring", "accept", keyring=RING, now=None),
        ask("keyring", "warn", keyring=RING, now=None, longest_ttl=0, reload_grace=0, leeway=0),
        ask("session", "open", **SESSION, now=None, ended=True, token="x"),
        ask("session", "run", **SESSION, requests=[{**NOTHING, "commit": None}]),
        ask("cookie", "read", **SESSION, **fields, now=None),
        ask("cookie", "read_token", **opening, **fields),
        write(commit=None),
        write({"excess": {"now": None}}),
    ]
    assert outcomes == [{"error": "no_clock"}] * len(outcomes)


def test_opened_without_a_clock() -> None:
    (done,) = run({**NOTHING, "now": None})
    assert done == {"open": "no_clock", "not_now": True, "wrote": "nothing"}
    result = write(now=None)["result"]
    assert (result["open"], result["not_now"]) == ("no_clock", True)


def test_no_randomness() -> None:
    making = {"keyring": RING, **CONTEXT, "limit": 999, "now": NOW, "payload": ""}
    none = {"no_randomness": True}
    assert ask("sealer", "seal", **making, ttl=1, **none) == {"error": "no_randomness"}
    assert ask("sealer", "seal", **making, ttl=0, **none) == {"error": "ttl_range"}
    assert run({**NOTHING, **none})[0]["wrote"] == "nothing"
    assert refused({**SEND, **none}) == "no_randomness"
    assert write({"send": True}, **none) == {"error": "no_randomness"}
    # The next request has it again.
    assert run({**NOTHING, **none}, SEND)[1]["wrote"] == "seal"


def test_change_in_place() -> None:
    steps: list[tuple[list[str | int], str]] = [
        (["a"], '{"b":[1,{"c":1}]}'),
        (["a", "b", 1, "c"], "2"),
        (["a", "b", 0], "[]"),
        (["a", "d"], "1e2"),
    ]
    actions = [{"change": {"path": path, "value": value}} for path, value in steps]
    (done,) = run({**NOTHING, "actions": [{"set_data": "{}"}, *actions]})
    assert done["payload"].endswith(',"data":{"a":{"b":[[],{"c":2}],"d":100}}}')
    undone = {"change": {"path": ["a", "d"], "value": "1"}}
    back = {"change": {"path": ["a", "d"], "value": "100.0"}}
    first = {**NOTHING, "actions": [{"set_data": "{}"}, *actions]}
    written = run(first, {**NOTHING, "actions": [undone, back]}, {**NOTHING, "actions": [undone]})
    assert [one["wrote"] for one in written] == ["seal", "nothing", "seal"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a":1,"a":2}',
        '{"a":[{"b":1,"\\u0062":2}]}',
        '{"a":"\\ud800"}',
        '{"a":1e400}',
        '{"a":NaN}',
        '{"a":' + "9" * 400 + "}",
        '{"a":' + "9" * 5000 + "}",
        "[]",
        "null",
    ],
)
def test_texts_that_fail_the_action(text: str) -> None:
    """Also where the commit would write nothing of it."""
    off = {"sign_off": True}
    assert refused({**NOTHING, "actions": [{"set_data": text}, off]}) == "payload_unserializable"
    if text not in ("[]", "null"):
        flash = {"flash": {"name": "m", "message": text}}
        assert refused({**NOTHING, "actions": [flash, off]}) == "payload_unserializable"


@pytest.mark.parametrize(
    "text", ["9007199254740992", "1e300", "9" * 300, '{"__proto__":1}', "[" * 16 + "]" * 16]
)
def test_texts_that_fail_the_commit(text: str) -> None:
    """Only if it seals."""
    action = {"set_data": f'{{"a":{text}}}'}
    assert refused({**NOTHING, "actions": [action]}) == "payload_unserializable"
    assert run({**NOTHING, "actions": [action, {"sign_off": True}]})[0]["wrote"] == "expire"


def test_excess() -> None:
    def large(size: int) -> Json:
        return {"set_data": json.dumps({"a": "x" * size})}

    ask_excess = {"excess": {"now": NOW}}
    result = write(large(10), ask_excess)["result"]
    assert result["answers"] == [0]
    over = write(large(9000))["over"]
    asked = write(large(9000), ask_excess, large(10), ask_excess, {"send": True})
    assert asked["result"]["answers"] == [over, 0]


def test_rings_of_a_run() -> None:
    """`keyring` comes before the open, `exchange` before the commit; both stay."""
    both = RING + OTHER
    done = run(
        SEND,
        {**NOTHING, "keyring": OTHER},
        {**SEND, "keyring": both, "exchange": [OTHER[0], *RING]},
        {**NOTHING, "keyring": OTHER},
        NOTHING,
    )
    assert [one["open"] for one in done] == ["new", "unknown_key", "opened", "opened", "opened"]
    assert [one.get("not_now") for one in done] == [None, True, None, None, None]


@pytest.mark.parametrize(
    "other", [{"audience": "b"}, {"purpose": "q"}, {"policy": {**POLICY, "leeway": 0}}]
)
def test_commit_as(other: Json) -> None:
    assert refused({**NOTHING, "commit_as": other}) == "context_invalid"
    assert run({**SEND, "commit_as": {**CONTEXT, "policy": POLICY}})[0]["wrote"] == "seal"


def test_committed() -> None:
    assert refused({**NOTHING, "commits": 2}) == "committed"
    for action in ({"send": True}, {"sign_off": True}, {"set_data": "{}"}):
        assert refused({**NOTHING, "after": [action]}) == "committed"


def test_ended_is_an_array() -> None:
    signed_on = {"sign_on": {"sub": "ada", "gen": 1, "keep": []}}
    first, second = run({**SEND, "actions": [signed_on]}, {**NOTHING, "actions": [signed_on]})
    assert "ended" not in first
    assert [one["end"] for one in second["ended"]] == [NOW + 86_400]


SELDOM = {**SESSION, "policy": {**POLICY, "recheck": 60}}
ON = {"sign_on": {"sub": "ada", "gen": 7, "keep": []}}
BOUND: Json = {"cookie": {"name": "__Host-a"}, "device": {}, "now": NOW, "fields": []}


def test_recheck_and_the_check_of_a_request() -> None:
    """The answer of a request comes before that of the run; none is asked before it is due."""
    first = {**NOTHING, "actions": [ON]}
    later = {**NOTHING, "now": NOW + 60, "commit": NOW + 60}
    own = {**later, "check": {"gen": 7}}
    denied = {**later, "check": {"denied": True}}
    for last, opened in [({**later, "now": NOW + 59}, "opened"), (later, "revoked")]:
        done = ask("session", "run", **SELDOM, check={"gen": 8}, requests=[first, last])
        assert done["result"]["requests"][1]["open"] == opened
    for last, opened in [(own, "opened"), (denied, "signed_off")]:
        done = ask("session", "run", **SELDOM, check={"gen": 8}, requests=[first, last])
        assert done["result"]["requests"][1]["open"] == opened
    bad = {**SESSION, "policy": {**POLICY, "recheck": -1}}
    request = {"type": "request", "id": "a", "class": "session", "op": "run", **bad}
    assert not is_valid("request_run", {**request, "requests": [NOTHING]})


def test_device_setup() -> None:
    given = {"purpose": "p", "cookie": {"name": "__Host-a"}}
    result = ask("device", "setup", **given, device={"path": "/b", "proof": 9})["result"]
    assert result["expire"].startswith("__Host-a.proof=; ")
    assert ask("device", "setup", **given, device={"proof": 0}) == {"error": "device_settings"}


def test_device_read_and_write() -> None:
    acts = {"actions": [ON], "commit": NOW}
    result = ask("device", "write", **SESSION, **BOUND, **acts)["result"]
    assert [name for name, _ in result["headers"]] == [
        "Set-Cookie",
        "Vary",
        "Cache-Control",
        "Secure-Session-Registration",
    ]
    brought = {**BOUND, "fields": [result["headers"][0][1].split("; ")[0]]}
    read = ask("device", "read", **SESSION, check={"gen": 7}, **brought)
    assert '"sub":"ada"' in read["result"]["payload"]
    must = {**brought, "device": {"require_after": 0}}
    assert ask("device", "read", **SESSION, check={"gen": 7}, **must) == {"error": "unproven"}
    unproven = ask("device", "write", **SESSION, **{**must, "actions": [], "commit": NOW})
    assert (unproven["result"]["open"], unproven["result"]["not_now"]) == ("unproven", True)


@pytest.mark.parametrize(
    ("op", "inputs", "status", "reason"),
    [
        ("register", {"responses": []}, 401, "jwt_format"),
        ("register", {"responses": ["x", "x"]}, 401, "jwt_format"),
        ("register", {"responses": ["é"]}, 401, "absent"),
        ("refresh", {"responses": [], "ids": []}, 401, "absent"),
        ("refresh", {"responses": [], "ids": ['"x"']}, 401, "not_a_token"),
    ],
)
def test_device_posts(op: str, inputs: Json, status: int, reason: str) -> None:
    result = ask("device", op, **SESSION, **BOUND, **inputs)["result"]
    assert (result["status"], result["reason"]) == (status, reason)
    assert result["headers"] == [["Vary", "Cookie"], ["Cache-Control", "no-store"]]


@pytest.mark.parametrize(
    ("op", "change"),
    [
        ("register", {"ids": []}),
        ("register", {"responses": ["\u0100"]}),
        ("register", {"device": {"life": 1}}),
        ("register", {"random": {"proof": {"salt": "00" * 12}}}),
        ("register", {"random": {}, "no_randomness": True}),
        ("refresh", {}),
        ("refresh", {"ids": [], "jwts": []}),
        ("refresh", {"ids": [], "id_template": []}),
        ("refresh", {"ids": [], "response_template": []}),
    ],
)
def test_requests_of_devices_that_are_none(op: str, change: Json) -> None:
    request = {"type": "request", "id": "a", "class": "device", "op": op, **SESSION, **BOUND}
    assert not is_valid(f"request_device_{op}", {**request, "responses": [], **change})
    right: Json = {"ids": []} if op == "refresh" else {}
    assert is_valid(f"request_device_{op}", {**request, "responses": [], **right})


def test_default_name() -> None:
    headers = write({"send": True})["result"]["headers"]
    assert headers[0][1].startswith("__Host-Http-session=CrE1")
    assert ask("cookie", "setup", cookies=[{"purpose": "p", "cookie": {}}])["result"]["expire"]
