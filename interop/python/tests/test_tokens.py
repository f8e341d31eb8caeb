"""Layout, ranges, order of the steps, and properties over random inputs (spec §5 to §10)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cretula import (
    Context,
    Entry,
    InvalidToken,
    Keyring,
    Opened,
    Sealer,
    Signer,
    Unsealer,
    Verifier,
    base64url,
)
from cretula_vectors import builder
from support import CONTEXT, NOW, SEALER, SIGNER, UNSEALER, VERIFIER, code, key, raw_key, ring

RANDOM = random.Random("cretula")
LIFE = 34_560_000


def test_layout_of_a_sealed_token() -> None:
    token = SEALER.seal(b"payload", ttl=60, now=NOW)
    data = base64url.decode(token.encode()) or b""
    inputs = {
        "key": raw_key(1).hex(),
        "audience": CONTEXT.audience,
        "purpose": CONTEXT.purpose,
        "issued_at": NOW,
        "ttl": 60,
        "payload": b"payload".hex(),
        "salt": data[35:47].hex(),
        "iv": data[47:59].hex(),
    }
    assert token.startswith("CrE1")
    assert data == builder.build("sealed", inputs)["bytes"]


def test_layout_of_a_signed_token() -> None:
    token = SIGNER.sign(b"payload", ttl=60, now=NOW)
    assert token.startswith("CrS1")
    # The payload begins at character 60, on a character boundary (spec §7.4).
    assert token[60:69] == base64url.encode(b"payload")[:9]
    assert token == SIGNER.sign(b"payload", ttl=60, now=NOW)


def test_round_trips() -> None:
    for size in [*range(0, 70), 1000, 12_203]:
        payload = RANDOM.randbytes(size)
        ttl, now = RANDOM.randint(1, LIFE), RANDOM.randrange(2**48)
        sealed = SEALER.seal(payload, ttl=ttl, now=now)
        signed = SIGNER.sign(payload, ttl=ttl, now=now)
        assert len(sealed) == -((85 + size) * -4 // 3)
        assert len(signed) == -((77 + size) * -4 // 3)
        for opened in (UNSEALER.unseal(sealed, now=now), VERIFIER.verify(signed, now=now)):
            assert opened == Opened(payload, now, ttl, now + ttl, opened.key_id, True)


def test_two_seals_differ() -> None:
    tokens = {SEALER.seal(b"same", ttl=9, now=NOW) for _ in range(500)}
    datas = [base64url.decode(token.encode()) or b"" for token in tokens]
    assert len({data[35:47] for data in datas}) == len({data[47:59] for data in datas}) == 500


@pytest.mark.parametrize("size", [0, 1, 2])
def test_any_changed_character_is_refused(size: int) -> None:
    alphabet = base64url.ALPHABET.decode() + "=+/ é"
    for token, open_ in (
        (SEALER.seal(b"x" * size, ttl=9, now=NOW), UNSEALER.unseal),
        (SIGNER.sign(b"x" * size, ttl=9, now=NOW), VERIFIER.verify),
    ):
        for at in range(len(token)):
            for other in RANDOM.sample(alphabet, 12):
                if other != token[at]:
                    with pytest.raises(InvalidToken):
                        open_(token[:at] + other + token[at + 1 :], now=NOW)
            for changed in (token[:at], token[:at] + token[at + 1 :], token[at:] + token[:at]):
                if changed != token:
                    with pytest.raises(InvalidToken):
                        open_(changed, now=NOW)
        for changed in (token + "A", token + "=", token + "\n", " " + token, token + token):
            with pytest.raises(InvalidToken):
                open_(changed, now=NOW)


def test_random_input() -> None:
    for _ in range(3000):
        text = RANDOM.choice([b"", b"CrE1", b"CrS1"]) + RANDOM.randbytes(RANDOM.randrange(200))
        for token in (text, text.decode("utf-8", "surrogateescape"), base64url.encode(text)):
            with pytest.raises(InvalidToken):
                UNSEALER.unseal(token, now=NOW)
            with pytest.raises(InvalidToken):
                VERIFIER.verify(token, now=NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "not_a_token"),
        ("C", "not_a_token"),
        ("CrE", "not_a_token"),
        ("CrE=", "not_a_token"),
        ("CrE\n", "not_a_token"),
        ("CrEé", "not_a_token"),
        ("crE1", "not_a_token"),
        ("CrX1", "not_a_token"),
        ("CrE2", "unsupported_version"),
        ("CrS2!", "unsupported_version"),
        ("CrE_", "unsupported_version"),
        ("CrS1", "wrong_kind"),
        ("CrS1!", "wrong_kind"),
        ("CrE1", "too_short"),
        ("CrE1A", "encoding"),
        ("CrE1" + "A" * 109, "encoding"),
        ("CrE1" + "A" * 108, "too_short"),
        ("CrE1" + "A" * 110, "unknown_key"),
    ],
)
def test_beginnings(text: str, expected: str) -> None:
    assert code(UNSEALER.unseal, text, now=NOW) == expected
    mirrored = "CrS1" + text[4:] if text[:4] == "CrE1" else text
    if text[:4] not in ("CrE1", "CrS1"):
        assert code(VERIFIER.verify, mirrored, now=NOW) == expected


@pytest.mark.parametrize(
    ("now", "max_age", "leeway", "expected"),
    [
        (NOW, LIFE, 0, None),
        (NOW - 1, LIFE, 0, "issued_in_future"),
        (NOW - 1, LIFE, 1, None),
        (NOW - 300, LIFE, 300, None),
        (NOW - 301, LIFE, 300, "issued_in_future"),
        (NOW + 99, LIFE, 300, None),
        (NOW + 100, LIFE, 300, "expired"),
        (NOW + 9, 10, 300, None),
        (NOW + 10, 10, 300, "expired"),
    ],
)
def test_life(now: int, max_age: int, leeway: int, expected: str | None) -> None:
    opener = Unsealer(ring(1), CONTEXT, max_age=max_age, leeway=leeway)
    token = SEALER.seal(b"", ttl=100, now=NOW)
    if expected is None:
        assert opener.unseal(token, now=now).expires_at == NOW + min(100, max_age)
    else:
        assert code(opener.unseal, token, now=now) == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"limit": 0}, "limit_range"),
        ({"limit": 16_777_217}, "limit_range"),
        ({"leeway": -1}, "leeway_range"),
        ({"leeway": 301}, "leeway_range"),
        ({"max_age": 0}, "max_age_range"),
        ({"max_age": LIFE + 1}, "max_age_range"),
        ({"limit": 0, "leeway": 999, "max_age": 0}, "limit_range"),
        ({"leeway": 999, "max_age": 0}, "leeway_range"),
    ],
)
def test_ranges_of_openers(parameters: dict[str, int], expected: str) -> None:
    assert code(Unsealer, ring(1), CONTEXT, **parameters) == expected
    assert code(Verifier, ring(1), CONTEXT, **parameters) == expected


@pytest.mark.parametrize("now", [-1, 2**48, 10**400])
def test_range_of_now(now: int) -> None:
    assert code(UNSEALER.unseal, "", now=now) == "clock_range"
    assert code(SEALER.seal, b"", ttl=0, now=now) == "clock_range"


def test_order_when_sealing() -> None:
    later = Keyring([Entry(key(1), seal_from=NOW + 1)])
    for maker, make in ((Sealer, "seal"), (Signer, "sign")):
        assert code(maker, later, CONTEXT, limit=0) == "limit_range"
        one: Any = getattr(maker(later, CONTEXT, limit=1), make)
        assert code(one, b"", ttl=0, now=NOW) == "ttl_range"
        assert code(one, b"", ttl=LIFE + 1, now=NOW) == "ttl_range"
        assert code(one, b"", ttl=1, now=NOW) == "no_sealing_key"
        assert code(one, b"", ttl=1, now=NOW + 1) == "result_too_long"


def test_limit_is_exact() -> None:
    for size in range(4):
        length = len(SEALER.seal(b"x" * size, ttl=1, now=NOW))
        token = Sealer(ring(1), CONTEXT, limit=length).seal(b"x" * size, ttl=1, now=NOW)
        short = Sealer(ring(1), CONTEXT, limit=length - 1)
        assert code(short.seal, b"x" * size, ttl=1, now=NOW) == "result_too_long"
        assert Unsealer(ring(1), CONTEXT, limit=length).unseal(token, now=NOW)
        opener = Unsealer(ring(1), CONTEXT, limit=length - 1)
        assert code(opener.unseal, token, now=NOW) == "too_long"


def test_largest_limit() -> None:
    payload = bytes(12_582_912 - 85)
    token = Sealer(ring(1), CONTEXT, limit=2**24).seal(payload, ttl=1, now=NOW)
    assert len(token) == 2**24
    assert Unsealer(ring(1), CONTEXT, limit=2**24).unseal(token, now=NOW).payload == payload


def test_context_separates() -> None:
    token = SEALER.seal(b"", ttl=1, now=NOW)
    for audience, purpose in (
        ("shop.example", "Session"),
        ("shop.examples", "ession"),
        ("session", "shop.example"),
    ):
        other = Unsealer(ring(1), Context(audience, purpose))
        assert code(other.unseal, token, now=NOW) == "unknown_key"


@pytest.mark.parametrize("bad", ["", " ", "a b", "\x7f", "é", "a\n", "x" * 256, "\ud800", "\0"])
def test_contexts_refused(bad: str) -> None:
    assert code(Context, bad, "p") == "context_invalid"
    assert code(Context, "a", bad) == "context_invalid"


def test_longest_context() -> None:
    context = Context("!" * 255, "~" * 255)
    token = Signer(ring(1), context).sign(b"", ttl=1, now=NOW)
    assert Verifier(ring(1), context).verify(token, now=NOW).payload == b""


@pytest.mark.parametrize("bad", [None, b"a", 1])
def test_context_of_a_wrong_type(bad: Any) -> None:
    with pytest.raises(TypeError):
        Context(bad, "p")


def test_openers_take_one_kind() -> None:
    assert code(VERIFIER.verify, SEALER.seal(b"", ttl=1, now=NOW), now=NOW) == "wrong_kind"
    assert code(UNSEALER.unseal, SIGNER.sign(b"", ttl=1, now=NOW), now=NOW) == "wrong_kind"


def test_inactive_before_authentication_and_without_leeway() -> None:
    opener = Unsealer(Keyring([Entry(key(1), accept_until=NOW + 5)]), CONTEXT)
    token = SEALER.seal(b"", ttl=99, now=NOW)
    assert opener.unseal(token, now=NOW + 4)
    assert code(opener.unseal, token, now=NOW + 5) == "key_inactive"
    broken = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    assert code(opener.unseal, broken, now=NOW + 5) == "key_inactive"
    assert code(opener.unseal, broken, now=NOW) == "auth_failed"


@pytest.mark.parametrize("ttl", [0, LIFE + 1, 2**31, 2**32 - 1])
def test_ttl_out_of_range_in_an_authentic_token(ttl: int) -> None:
    """[OPEN-11]: what a faulty sealer made is dead from its first second."""
    inputs = {
        "key": raw_key(1).hex(),
        "audience": CONTEXT.audience,
        "purpose": CONTEXT.purpose,
        "issued_at": NOW,
        "ttl": ttl,
        "payload": "",
        "salt": "00" * 12,
        "iv": "00" * 12,
    }
    sealed = base64url.encode(builder.build("sealed", inputs)["bytes"])
    signed = base64url.encode(builder.build("signed", inputs)["bytes"])
    assert code(UNSEALER.unseal, sealed, now=NOW) == "expired"
    assert code(VERIFIER.verify, signed, now=NOW) == "expired"


def test_sealing_key_flag() -> None:
    old = SEALER.seal(b"", ttl=99, now=NOW)
    both = Unsealer(Keyring([Entry(key(1)), Entry(key(2), seal_from=NOW + 5)]), CONTEXT)
    assert both.unseal(old, now=NOW + 4).sealing_key
    assert not both.unseal(old, now=NOW + 5).sealing_key
