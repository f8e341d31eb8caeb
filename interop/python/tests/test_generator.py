"""The generator on vectors of our own, and that it finds what differs."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from cretula_vectors import accumulated, builder
from cretula_vectors import sessions as sessions_of_vectors
from cretula_vectors.__main__ import FILES, rebuild_all, to_bytes
from cretula_vectors.rebuild import Mismatch, rebuild
from support import NOW, key, raw_key

Json = dict[str, Any]

HEX = raw_key(1).hex()
RING = [{"key": HEX}]
CONTEXT = {"audience": "a", "purpose": "p"}
MADE = {"key": HEX, **CONTEXT, "issued_at": NOW, "ttl": 60, "payload": "6869"}
SALTS = {"salt": "01" * 12, "iv": "02" * 12}
OPEN = {
    "keyring": [{"key": HEX}],
    **CONTEXT,
    "max_age": 3600,
    "leeway": 60,
    "limit": 4096,
    "now": NOW,
}
MAKE = {"keyring": [{"key": HEX}], **CONTEXT, "limit": 4096, "now": NOW, "ttl": 60, "payload": ""}
# (id, mutation, code); the first three for both kinds.
MUTATIONS: list[tuple[str, list[Json], str]] = [
    ("ttl-0", [{"set": {"ttl": 0}}], "expired"),
    ("text", [{"text": {"at": 0, "delete": 4, "insert": "CrE2"}}], "unsupported_version"),
    ("id", [{"set": {"key_id": "00" * 32}}], "unknown_key"),
    ("tag", [{"bytes": {"at": 70, "delete": 1, "insert": ""}}], "auth_failed"),
    ("future", [{"set": {"issued_at": NOW + 61}}], "issued_in_future"),
    ("body", [{"set": {"body": "00" * 10}}], "expired"),
    ("audience", [{"set": {"audience": "b"}}], "unknown_key"),
    ("é", [{"text": {"at": 9, "delete": 1, "insert": "é"}}], "encoding"),
]


def vector(name: str, **members: Any) -> Json:
    head = {"id": name, "spec": [], "since": "1.0.0", "level": "must", "flags": [], "comment": "é"}
    return {**head, **members}


def openers(kind: str) -> list[Json]:
    made = MADE | (SALTS if kind == "sealed" else {})
    vectors = [vector("good", **OPEN, made_from=made, token="")]
    for name, mutation, _ in MUTATIONS:
        vectors.append(vector(name, **OPEN, derived_from="good", mutation=mutation, token=""))
    return vectors


SID = "AAECAwQFBgcICQoLDA0ODw"
GUEST = f'{{"sid":"{SID}","start":{NOW},"end":{NOW + 9},"rev":1}}'
SESSION: Json = {
    "keyring": [{"key": HEX}],
    **CONTEXT,
    "policy": {"idle": 5, "absolute": 9, "leeway": 0},
}
SEALED = {**MADE, "ttl": 5, "payload": GUEST, **SALTS}
NO_TEXT = {name: value for name, value in SEALED.items() if name != "payload"}
COOKIE = {"cookie": {"name": "a"}, "now": NOW}


def sessions() -> list[Json]:
    actions = [
        {"set_data": '{"é":1}'},
        {"flash": {"name": "m", "message": "[1.5]"}},
        {"take_flash": {"name": "m", "messages": ["[1.5]"]}},
        {"send": True},
        {"sign_on": {"sub": "ada", "gen": 7, "keep": ["é"]}},
        {"reauthenticate": {"gen": 7}},
        {"reauth_within": {"seconds": 1, "holds": True}},
    ]
    requests = [
        {"now": NOW, "actions": actions, "commit": NOW, "random": {"sid": SID, **SALTS}},
        {"now": NOW, "actions": [{"sign_off": True}], "commit": NOW, "random": {}},
        {"now": NOW, "actions": [], "commit": NOW, "random": {}},
    ]
    bad = [{**requests[0], "actions": [{"set_data": "["}]}]
    other = [{"key": raw_key(2).hex()}]
    changed = {"change": {"path": ["é"], "value": "1.50"}}
    second = {"salt": "03" * 12, "iv": "04" * 12}
    rings = [
        {**requests[0], "actions": [{"set_data": "{}"}, changed], "exchange": other},
        {"keyring": [*other, *RING], "now": NOW, "actions": [], "commit": NOW, "random": {}},
        {"now": NOW, "actions": [{"send": True}], "commit": NOW, "random": second},
    ]
    failing = [
        {"now": None, "actions": [], "commit": NOW, "random": {}},
        {"now": NOW, "actions": [{"send": True}], "commit": NOW, "no_randomness": True},
    ]
    after = [{**requests[2], "after": [{"take_flash": {"name": "m", "messages": []}}]}]
    as_other = [{**requests[2], "commit_as": {"audience": "b"}}]
    opened = {"now": NOW, "ended": False, "made_from": SEALED, "token": ""}
    seldom = {**SESSION, "policy": {**SESSION["policy"], "recheck": 3}, "check": {"gen": 8}}
    checked = {
        **SEALED,
        "payload": GUEST[:-1] + f',"sub":"a","gen":7,"auth_time":{NOW},"checked":{NOW}}}',
    }
    user = {"made_from": checked, "token": ""}
    due = {"actions": [], "commit": NOW + 3, "random": SALTS, "now": NOW + 3}
    rechecks = [{**requests[2], "now": NOW + 2}, due, {**due, "check": {"gen": 7}}]
    no_text = {**NO_TEXT, "payload_hex": "ff"}
    return [
        vector("good", op="open", **SESSION, **opened),
        vector("hex", op="open", **SESSION, **{**opened, "made_from": no_text}),
        vector("denied", op="open", **SESSION, check={"denied": True}, **opened),
        vector("run", op="run", **SESSION, check={"gen": 7}, requests=requests),
        vector("from", op="run", **SESSION, made_from=SEALED, token="", requests=requests[1:]),
        vector("bad", op="run", **SESSION, requests=bad),
        vector("rings", op="run", **SESSION, requests=rings),
        vector("failing", op="run", **SESSION, requests=failing),
        vector("no-clock", op="run", **SESSION, requests=failing[:1]),
        vector("after", op="run", **SESSION, requests=after),
        vector("twice", op="run", **SESSION, requests=[{**requests[2], "commits": 2}]),
        vector("other", op="run", **SESSION, requests=as_other),
        *(
            vector(f"recheck-{i}", op="run", **seldom, **user, requests=[request])
            for i, request in enumerate(rechecks)
        ),
    ]


def cookies() -> list[Json]:
    life = {"max_age": 5, "leeway": 0}
    tokens = {"tokens": [SEALED], "template": ["a={0}; é=1"], "fields": []}
    pieces = {**tokens, "template": ["a=2.idididid.{0:0:60}", "a.1=idididid.{0:60:}"]}
    action = [{"set_data": '{"b":"' + "x" * 3500 + '"}'}]
    large = {**COOKIE, "cookie": {"name": "__Host-a", "large": True}, **tokens}
    full = [{"set_data": '{"b":"' + "x" * 5000 + '"}'}]
    draws = {"sid": SID, **SALTS, "id": "idididid"}
    ask = [*action, {"excess": {"now": NOW, "over": 0}}, {"set_data": '{"b":1}'}]
    unnamed: Json = {"cookie": {}}
    write = {**large, "template": [], "commit": NOW, "random": draws}
    plain = {name: value for name, value in SESSION.items() if name != "policy"}
    return [
        vector("s", op="setup", cookies=[{"purpose": "p", "cookie": {"name": "a"}}]),
        vector("s2", op="setup", cookies=[{"purpose": "p", "cookie": {"name": "é"}}]),
        vector("r", op="read", **SESSION, **COOKIE, **tokens),
        vector("two", op="read", **SESSION, **COOKIE, **pieces),
        vector("none", op="read", **SESSION, **COOKIE, **{**tokens, "template": []}),
        vector("t", op="read_token", **plain, **life, **COOKIE, **tokens),
        vector("w", op="write", **SESSION, **{**write, "actions": action}),
        vector("big", op="write", **SESSION, **{**write, "actions": full}),
        vector("asked", op="write", **SESSION, **{**write, **unnamed, "actions": ask}),
        vector("late", op="write", **SESSION, **{**write, "actions": [], "commit": None}),
    ]


def devices() -> list[Json]:
    user = {"sid": SID, "start": NOW, "end": NOW + 99, "rev": 1, "sub": "a", "gen": 7}
    session = {**SEALED, "payload": json.dumps({**user, "auth_time": NOW})}
    challenge = {**SEALED, "purpose": f"{SEALED['purpose']}.challenge", "ttl": 60}
    challenge["payload"] = json.dumps({"use": "register", "sid": SID})
    x, y = coordinates(7)
    jwk = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    jwt = {
        "header": f'{{"alg":"ES256","jwk":{jwk},"typ":"dbsc+jwt"}}',
        "claims": '{"jti":"{1}"}',
        "key": f"{7:064x}",
    }
    given = {"cookie": {"name": "__Host-a"}, "device": {}, "now": NOW}
    brought = {"tokens": [session, challenge], "template": ["__Host-a={0}"], "fields": []}
    answered = {"response_template": ["{0}"], "responses": []}
    drawn = {name: {**SALTS, "salt": name[:4].encode().hex() * 3} for name in ("device", "proof")}
    post = {**SESSION, **given, **brought, "jwts": [jwt], **answered, "random": {**SALTS, **drawn}}
    unsigned = {**post, "jwts": [{**jwt, "key": f"{8:064x}"}], "random": {}}
    ids = {"id_template": ["x"], "ids": []}
    on = {"sign_on": {"sub": "a", "gen": 7, "keep": []}}
    offer = {"sid": SID, **SALTS, "challenge": {**SALTS, "salt": "05" * 12}}
    write = {"actions": [on], "commit": NOW, "random": offer}
    return [
        vector("s", op="setup", purpose="p", cookie={"name": "__Host-a"}, device={}),
        vector("s2", op="setup", purpose="p", cookie={"name": "a"}, device={}),
        vector("r", op="read", **SESSION, **given, **brought),
        vector("w", op="write", **SESSION, **given, **{**brought, "template": []}, **write),
        vector("good", op="register", **post),
        vector("bad", op="register", **unsigned),
        vector(
            "no-token",
            op="refresh",
            **SESSION,
            **given,
            **brought,
            **ids,
            **{name: post[name] for name in ("jwts", "response_template", "responses")},
            random={},
        ),
    ]


def coordinates(number: int) -> tuple[str, str]:
    """Those of the public key of this private key, in base64url."""
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key().public_numbers()
    x, y = (builder.text_of(number.to_bytes(32, "big")) for number in (point.x, point.y))
    return x, y


def cases() -> dict[str, list[Json]]:
    rotation = [{"key": HEX, "accept_until": NOW + 99}, {"key": raw_key(2).hex(), "seal_from": 9}]
    one = [{"key": HEX, "seal_from": NOW}]
    return {
        "derivation": [
            vector("d", key=HEX, kind="sealed", **CONTEXT),
            vector("bad", key=HEX, kind="signed", audience="", purpose="p"),
        ],
        "sealer": [
            vector("s", **MAKE, **SALTS),
            vector("limit", **{**MAKE, "limit": 0}, **SALTS),
        ],
        "unsealer": openers("sealed"),
        "signer": [vector("s", **MAKE), vector("ttl", **{**MAKE, "ttl": 0})],
        "verifier": openers("signed"),
        "keyring": [
            vector("k", op="key_text", test_keys=True, text=key(1).to_text()),
            vector("k2", op="key_bytes", test_keys=False, bytes=HEX),
            vector("r", op="ring", test_keys=True, text=f"{key(1).to_text()}, x"),
            vector("r2", op="ring", test_keys=True, text_hex="7bff"),
            vector("s", op="select", keyring=rotation, now=NOW),
            vector("a", op="accept", keyring=one, now=0),
            vector(
                "w",
                op="warn",
                keyring=rotation,
                now=NOW,
                longest_ttl=NOW,
                reload_grace=0,
                leeway=0,
            ),
        ],
        "session": sessions(),
        "cookie": cookies(),
        "device": devices(),
        "accumulated": [
            vector("seal", op="seal", count=3),
            vector("verify", op="verify", count=1001),
        ],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of vector files whose outcomes the generator itself has filled in."""
    for name, vectors in cases().items():
        head = {"format": "cretula-vectors-1", "suite": "1.0.0", "class": name, "flags": {}}
        content = {**head, "vectors": vectors}
        (tmp_path / f"{name}.json").write_bytes(to_bytes(content))
    (tmp_path / "manifest.json").write_bytes(b"{}\n")
    files, _ = rebuild_all(tmp_path)
    for file, data in files.items():
        (tmp_path / file).write_bytes(data)
    return tmp_path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = Path(builder.__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-m", "cretula_vectors", *arguments],
        capture_output=True,
        cwd=path,
        encoding="utf-8",
        env={"PYTHONPATH": f"{path}:{path.parent / 'src'}", "PYTHONIOENCODING": "utf-8"},
        check=False,
    )


def read(folder: Path, name: str) -> dict[str, Json]:
    content = json.loads((folder / f"{name}.json").read_bytes())
    return {vector["id"]: vector for vector in content["vectors"]}


@pytest.mark.parametrize("name", ["unsealer", "verifier"])
def test_outcomes(folder: Path, name: str) -> None:
    vectors = read(folder, name)
    assert vectors["good"]["result"]["payload"] == "6869"
    assert {name: vectors[name].get("error") for name, _, _ in MUTATIONS} == {
        name: code for name, _, code in MUTATIONS
    }


def test_outcomes_of_the_others(folder: Path) -> None:
    keyring = read(folder, "keyring")
    assert keyring["k2"]["error"] == "key_test"
    assert (keyring["r"]["error"], keyring["r"]["entry"]) == ("key_format", 1)
    assert keyring["r2"]["error"] == "keyring_format"
    assert "entry" not in keyring["r2"]
    assert keyring["s"]["result"] == {"seals": 1, "accepted": [0, 1]}
    assert keyring["a"]["result"] == {"accepted": [0]}
    assert read(folder, "derivation")["bad"]["error"] == "context_invalid"
    assert read(folder, "sealer")["limit"]["error"] == "limit_range"
    assert read(folder, "signer")["ttl"]["error"] == "ttl_range"


def test_outcomes_of_sessions(folder: Path) -> None:
    vectors = read(folder, "session")
    assert vectors["good"]["result"] == {
        "payload": GUEST,
        "expires_at": NOW + 5,
        "last": NOW + 9,
    }
    assert vectors["hex"]["error"] == "payload_invalid"
    assert vectors["denied"]["error"] == "signed_off"
    run = vectors["run"]["result"]["requests"]
    assert [(one["open"], one["wrote"]) for one in run] == [
        ("new", "seal"),
        ("opened", "expire"),
        ("new", "nothing"),
    ]
    assert run[0]["payload"].endswith(f'"gen":7,"auth_time":{NOW},"data":{{"é":1}}}}')
    assert run[1]["ended"] == [{"sid": SID, "end": NOW + 9}]
    assert vectors["from"]["result"]["requests"][0]["open"] == "opened"
    assert vectors["bad"]["error"] == "payload_unserializable"
    rings = vectors["rings"]["result"]["requests"]
    assert [one["wrote"] for one in rings] == ["seal", "nothing", "seal"]
    assert rings[2]["payload"].endswith(',"rev":2,"data":{"é":1.5}}')
    assert rings[0]["token"][4:46] == rings[2]["token"][4:46]
    assert vectors["failing"]["error"] == "no_randomness"
    none = {"open": "no_clock", "not_now": True, "wrote": "nothing"}
    assert vectors["no-clock"]["result"]["requests"] == [none]
    assert vectors["after"]["error"] == vectors["twice"]["error"] == "committed"
    assert vectors["other"]["error"] == "context_invalid"
    trusted, asked, answered = (vectors[f"recheck-{i}"]["result"]["requests"][0] for i in range(3))
    assert (trusted["open"], trusted["wrote"]) == ("opened", "nothing")
    assert (asked["open"], asked["wrote"]) == ("revoked", "nothing")
    assert (answered["open"], answered["wrote"]) == ("opened", "seal")
    assert f'"checked":{NOW + 3}' in answered["payload"]


def test_outcomes_of_cookies(folder: Path) -> None:
    vectors = read(folder, "cookie")
    assert vectors["s"]["result"]["expire"][0].startswith("a=; Path=/; Max-Age=0; ")
    assert vectors["s2"]["error"] == "cookie_name"
    assert vectors["r"]["result"] == vectors["two"]["result"]
    assert vectors["r"]["fields"][0].endswith("; é=1")
    assert vectors["none"]["error"] == "absent"
    assert vectors["t"]["result"] == {"payload": GUEST}
    headers = vectors["w"]["result"]["headers"]
    assert [name for name, _ in headers] == ["Set-Cookie"] * 2 + ["Vary", "Cache-Control"]
    assert headers[0][1].startswith("__Host-a.1=idididid.")
    assert headers[1][1].startswith("__Host-a=2.idididid.CrE1")
    assert (vectors["big"]["over"], vectors["big"]["largest"]) == (923, "b")
    assert vectors["asked"]["actions"][1]["excess"]["over"] > 0
    lines = vectors["asked"]["result"]["headers"]
    assert lines[0][1].startswith("__Host-Http-session=CrE1")
    assert vectors["late"]["error"] == "no_clock"


def test_outcomes_of_devices(folder: Path) -> None:
    vectors = read(folder, "device")
    assert vectors["s"]["result"]["expire"].startswith("__Host-a.proof=; Path=/; Max-Age=0; ")
    assert vectors["s2"]["error"] == "cookie_attributes"
    assert '"sub":"a"' in vectors["r"]["result"]["payload"]
    names, values = zip(*vectors["w"]["result"]["headers"], strict=True)
    start = '(ES256);path="/device-binding/start";challenge="CrE1'
    assert values[names.index("Secure-Session-Registration")].startswith(start)
    good = vectors["good"]["result"]
    assert good["status"] == 200
    assert good["headers"][0][1].startswith("__Host-a.proof=CrE1")
    assert '"jkt":"' in good["payload"]
    assert json.loads(good["body"])["refresh_url"] == "/device-binding/refresh"
    refused = vectors["bad"]["result"]
    assert (refused["status"], refused["reason"]) == (401, "jwt_signature")
    assert vectors["no-token"]["result"]["reason"] == "not_a_token"


@pytest.mark.parametrize(
    ("name", "purpose", "change"),
    [
        ("w", "challenge", {}),
        ("w", "challenge", {"ttl": 61}),
        ("w", "challenge", {"payload": f'{{"use":"register","sid":"{SID}" }}'}),
        ("w", "challenge", {"purpose": "p.proof"}),
        ("w", "challenge", {"issued_at": NOW + 1}),
        ("good", "proof", {"payload": f'{{"sid":"{SID}"}}'}),
        ("good", "device", {"key": raw_key(2).hex()}),
    ],
)
def test_each_token_of_device_binding_is_compared(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, purpose: str, change: Json
) -> None:
    vector = read(folder, "device")[name]
    drawn = vector["random"][purpose]
    text = json.dumps(vector["result"])
    salt = bytes.fromhex(drawn["salt"])
    tokens = set(sessions_of_vectors.TOKEN.findall(text))
    (token,) = (token for token in tokens if builder.bytes_of(token[:64])[35:47] == salt)
    context = {**CONTEXT, "purpose": f"p.{purpose}"}
    payload, ttl = builder.opened(HEX, context, token)
    made = {"key": HEX, **context, "issued_at": NOW, "ttl": ttl, "payload": payload, **drawn}
    other = sessions_of_vectors.sealed({**made, **change})
    outcome = {"result": json.loads(text.replace(token, other))}
    monkeypatch.setattr(sessions_of_vectors, "call", lambda *_: outcome)
    if not change:
        assert rebuild("device", vector, {}) == vector
        return
    with pytest.raises((Mismatch, InvalidTag)):
        rebuild("device", vector, {})


@pytest.mark.parametrize("name", ["w", "good"])
def test_the_session_of_device_binding_is_compared(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    vector = read(folder, "device")[name]
    rev = vector["result"]["payload"].replace('"rev":', '"rev":1')
    outcome = {"result": {**vector["result"], "payload": rev}}
    monkeypatch.setattr(sessions_of_vectors, "call", lambda *_: outcome)
    with pytest.raises(Mismatch):
        rebuild("device", vector, {})


def test_digests_of_many_calls(folder: Path) -> None:
    vectors = read(folder, "accumulated")
    tokens = "".join(accumulated.token("sealed", accumulated.case(i)) + "\n" for i in range(3))
    digest = hashlib.sha256(tokens.encode()).hexdigest()
    assert vectors["seal"]["result"] == {"sha256": digest, "blocks": [digest]}
    assert len(vectors["verify"]["result"]["blocks"]) == 2


def test_actions_are_answered_anew(folder: Path) -> None:
    path = folder / "session.json"
    path.write_text(path.read_text("utf-8").replace('"holds": true', '"holds": false'), "utf-8")
    done = run(str(folder))
    assert done.returncode == 1
    assert "session.json: run: requests" in done.stdout


def test_check_passes_and_out_writes_the_same(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(str(folder), "--out", str(out))
    assert (done.returncode, done.stdout) == (0, "11 files, 0 differences\n")
    for file in (*FILES, "manifest.json"):
        assert (out / file).read_bytes() == (folder / file).read_bytes()
    assert run(str(folder), "--check").returncode == 0


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ('"error": "expired"', '"error": "auth_failed"', "unsealer.json: ttl-0: error"),
        ('"expires_at": 179', '"expires_at": 279', "unsealer.json: good: result"),
        ('"payload": "6869"', '"payload":  "6869"', "unsealer.json: line"),
        ('"CrE1', '"CrE1A', "token"),
        ('"flags": []', '"flags": ["lax"]', "flag 'lax' is not explained"),
        ('"insert": "CrE2"', '"insert": "CrE1"', "made_from"),
    ],
)
def test_check_reports(folder: Path, old: str, new: str, reported: str) -> None:
    path = folder / "unsealer.json"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    done = run(str(folder))
    assert done.returncode == 1
    assert reported in done.stdout


def test_missing_folder(tmp_path: Path) -> None:
    assert run(str(tmp_path / "none")).returncode == 2
