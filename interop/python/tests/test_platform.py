"""The traps of this platform, by name (spec §16)."""

from __future__ import annotations

import base64
import io
import json
import math
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cretula import (
    CallerError,
    Context,
    Cookie,
    Entry,
    InvalidKeyring,
    Key,
    Keyring,
    Sealer,
    SessionProfile,
    Sessions,
    Unsealer,
    base64url,
    hazmat,
    session_json,
    strict_json,
)
from cretula.limits import GCM_TAG_BYTES, HMAC_TAG_BYTES, TIME_END
from support import CONTEXT, NOW, SEALER, SIGNER, UNSEALER, VERIFIER, code, key, ring

LONE = "\ud800"
PROFILE = SessionProfile(ring(1), CONTEXT)


# Base64


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"AB==", "unused low bits that are not zero"),
        (b"AA==\n", "a line feed at the end"),
        (b"A A\n==", "white space inside"),
        (b"A!A==", "a character outside the alphabet"),
        (b"++//", "the other alphabet"),
    ],
)
def test_stock_decoder_accepts_what_is_not_canonical(text: bytes, fault: str) -> None:
    assert base64.urlsafe_b64decode(text), fault
    assert base64url.decode(text) is None


def test_unused_bits_without_padding() -> None:
    assert base64.urlsafe_b64decode(b"AB==") == base64.urlsafe_b64decode(b"AA==")
    assert base64url.decode(b"AB") is None
    assert base64url.decode(b"AAB") is None


def test_stock_decoder_wants_padding() -> None:
    with pytest.raises(ValueError, match="padding"):
        base64.urlsafe_b64decode(b"AA")
    assert base64url.decode(b"AA") == b"\0"


def test_one_text_for_each_value() -> None:
    """Of all texts of 2 and 3 characters only those that the encoder writes are read."""
    for length in (1, 2):
        accepted = 0
        for value in range(0, 256**length, 5):
            data = value.to_bytes(length, "big")
            assert base64url.decode(base64url.encode(data).encode()) == data
        for first in base64url.ALPHABET:
            for last in base64url.ALPHABET:
                text = bytes([first] + [65] * (length - 1) + [last])
                accepted += base64url.decode(text) is not None
        assert accepted == 64 * (4 if length == 1 else 16)


@pytest.mark.parametrize("text", [b"A", b"AAAAA", b"A" * 9])
def test_length_that_leaves_one(text: bytes) -> None:
    assert base64url.decode(text) is None


# str and bytes


@pytest.mark.parametrize("start", ["", "CrE1", "CrS1", "CrE"])
def test_lone_surrogate_in_a_token(start: str) -> None:
    expected = "encoding" if start == "CrE1" else ("wrong_kind" if start == "CrS1" else None)
    assert code(UNSEALER.unseal, start + LONE, now=NOW) == (expected or "not_a_token")


def test_length_is_that_of_utf8() -> None:
    """[OPEN-02]: "é" is two octets, a lone surrogate counts as three."""
    opener = Unsealer(ring(1), CONTEXT, limit=5)
    for text, expected in [
        ("CrE1é", "too_long"),
        ("CrE1e", "encoding"),
        ("C" + LONE, "not_a_token"),
        ("CrE" + LONE, "too_long"),
    ]:
        assert code(opener.unseal, text, now=NOW) == expected


def test_huge_tokens() -> None:
    for huge in ("C" * 50_000_000, b"CrE1" * 12_000_000, "é" * 16_384):
        assert code(UNSEALER.unseal, huge, now=NOW) == "too_long"


@pytest.mark.parametrize("token", [None, 7, 1.0, bytearray(b"CrE1"), ["CrE1"], object()])
def test_token_of_a_wrong_type(token: Any) -> None:
    with pytest.raises(TypeError):
        UNSEALER.unseal(token, now=NOW)
    with pytest.raises(TypeError):
        VERIFIER.verify(token, now=NOW)


def test_token_as_bytes() -> None:
    token = SEALER.seal(b"x", ttl=1, now=NOW)
    assert UNSEALER.unseal(token.encode("ascii"), now=NOW) == UNSEALER.unseal(token, now=NOW)


@pytest.mark.parametrize("space", ["\x0b", "\x1c", "\x85", "\xa0", "\u2003", "\u3000", "\ufeff"])
def test_strip_takes_more_than_ascii_space(space: str) -> None:
    """str.strip() takes all of these but the byte order mark, bytes.strip() the first."""
    assert (space.strip() == "") == (space != "\ufeff")
    token, text = SEALER.seal(b"", ttl=1, now=NOW), key(1).to_text()
    assert code(UNSEALER.unseal, space + token, now=NOW) == "not_a_token"
    assert code(UNSEALER.unseal, token + space, now=NOW) == "encoding"
    assert code(hazmat.keyring_from_text, space + text) == "key_format"
    assert code(Context, "a" + space, "p") == "context_invalid"
    assert strict_json.parse(f"{space}{{}}".encode()) is None
    field = f"{space}{Cookie().name}={token}".encode()
    assert Sessions(ring(1), CONTEXT).open([field], now=NOW).reason == "absent"
    assert code(Cookie, name="a" + space) == "cookie_name"


@pytest.mark.parametrize("digit", ["\u0663", "\u0967", "\uff17"])
def test_digits_beyond_ascii(digit: str) -> None:
    """\\d, int(), isdigit() and isalnum() know them; no text of this format does."""
    assert re.fullmatch(r"\d", digit)
    assert int(digit) > 0
    assert digit.isdigit()
    token, text = SEALER.seal(b"", ttl=1, now=NOW), key(1).to_text()
    assert code(UNSEALER.unseal, token[:-1] + digit, now=NOW) == "encoding"
    assert code(UNSEALER.unseal, "CrE" + digit, now=NOW) == "not_a_token"
    assert code(hazmat.key_from_text, text[:20] + digit + text[21:]) == "key_format"
    assert strict_json.parse(digit.encode()) is None
    assert code(Cookie, name="a" + digit) == "cookie_name"
    assert code(Cookie, name="__Secure-a", domain=digit) == "cookie_attributes"
    members = {"sid": "A" * 21 + digit, "start": 0, "end": 1, "rev": 1}
    assert session_json.read(json.dumps(members, ensure_ascii=False).encode()) is None


# Tags


def test_shortened_tags_are_refused() -> None:
    """GCM libraries may take tags from 4 bytes on; here every missing byte is refused."""
    sealed = base64url.decode(SEALER.seal(b"x" * 40, ttl=9, now=NOW).encode()) or b""
    signed = base64url.decode(SIGNER.sign(b"x" * 40, ttl=9, now=NOW).encode()) or b""
    for cut in range(1, GCM_TAG_BYTES + 1):
        text = base64url.encode(sealed[:-cut])
        assert code(UNSEALER.unseal, text, now=NOW) == "auth_failed"
    for cut in range(1, HMAC_TAG_BYTES + 1):
        text = base64url.encode(signed[:-cut])
        assert code(VERIFIER.verify, text, now=NOW) == "auth_failed"


def test_library_takes_one_length_of_tag() -> None:
    """AESGCM has no parameter for it, unlike Cipher(modes.GCM(iv, tag, min_tag_length=4))."""
    cipher = AESGCM(bytes(32))
    sealed = cipher.encrypt(bytes(12), b"", None)
    assert len(sealed) == GCM_TAG_BYTES
    for cut in range(1, GCM_TAG_BYTES + 1):
        with pytest.raises(InvalidTag):
            cipher.decrypt(bytes(12), sealed[:-cut], None)


# Integers and times


@pytest.mark.parametrize("now", [2**31, 2**32 + 5, TIME_END - 1])
def test_times_above_32_bits(now: int) -> None:
    opened = UNSEALER.unseal(SEALER.seal(b"", ttl=34_560_000, now=now), now=now)
    assert (opened.issued_at, opened.expires_at) == (now, now + 34_560_000)


@pytest.mark.parametrize("value", [True, False, 60.0, float("nan"), "60", b"60", None])
def test_no_integer(value: Any) -> None:
    with pytest.raises(TypeError):
        SEALER.seal(b"", ttl=value, now=NOW)
    for name in ("limit", "leeway", "max_age"):
        with pytest.raises(TypeError, match=name):
            Unsealer(ring(1), CONTEXT, **{name: value})
    if value is not None:  # None is the system clock
        with pytest.raises(TypeError, match="floor"):
            UNSEALER.unseal("", now=value)
        assert code(Keyring, [Entry(key(1), value)]) == "keyring_time"
        assert code(Keyring, [Entry(key(1), 0, value)]) == "keyring_time"


def test_seal_from_none() -> None:
    entry = Entry(key(1), None)  # type: ignore[arg-type]
    assert code(Keyring, [entry]) == "keyring_time"


@pytest.mark.parametrize("payload", ["text", bytearray(b"x"), memoryview(b"x"), None])
def test_payload_of_a_wrong_type(payload: Any) -> None:
    with pytest.raises(TypeError):
        SEALER.seal(payload, ttl=1, now=NOW)
    with pytest.raises(TypeError):
        SIGNER.sign(payload, ttl=1, now=NOW)


@pytest.mark.parametrize("hours", [None, 0, 5])
def test_datetime_is_no_time(hours: int | None) -> None:
    """A naive one means local time; timestamp() of one is a float. Seconds are the caller's."""
    zone = None if hours is None else timezone(timedelta(hours=hours))
    moment: Any = datetime(2026, 9, 21, tzinfo=zone)
    for call in (
        lambda: UNSEALER.unseal("", now=moment),
        lambda: UNSEALER.unseal("", now=moment.timestamp()),
        lambda: SEALER.seal(b"", ttl=1, now=moment),
        lambda: SEALER.seal(b"", ttl=timedelta(hours=1), now=NOW),  # type: ignore[arg-type]
        lambda: ring(1).sealing_entry(moment),
    ):
        with pytest.raises(TypeError, match="must be an int"):
            call()
    assert code(Keyring, [Entry(key(1), moment)]) == "keyring_time"
    session = PROFILE.open(None, now=NOW).checked(None)
    session.data["a"] = moment
    assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"


# The system


def test_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: NOW * 10**9 + 999_999_999)
    token = SEALER.seal(b"", ttl=1)
    assert UNSEALER.unseal(token).issued_at == NOW

    for outside in (-1, TIME_END * 10**9):
        monkeypatch.setattr("time.time_ns", lambda outside=outside: outside)
        assert code(UNSEALER.unseal, token) == "no_clock"
        assert code(SEALER.seal, b"", ttl=1) == "no_clock"

    def fails() -> int:
        raise OSError

    monkeypatch.setattr("time.time_ns", fails)
    assert code(ring(1).sealing_entry) == "no_clock"
    assert UNSEALER.unseal(token, now=NOW).ttl == 1


@pytest.mark.parametrize("error", [OSError, NotImplementedError])
def test_no_randomness(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def fails(_: int) -> bytes:
        raise error

    monkeypatch.setattr("os.urandom", fails)
    assert code(SEALER.seal, b"", ttl=1, now=NOW) == "no_randomness"
    assert code(Key.generate) == "no_randomness"
    assert SIGNER.sign(b"", ttl=1, now=NOW)


def test_all_24_bytes_come_from_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.urandom", lambda count: bytes(range(count)))
    data = base64url.decode(SEALER.seal(b"", ttl=1, now=NOW).encode()) or b""
    assert data[35:59] == bytes(range(24))
    again = hazmat.seal_with_fixed_salt_and_iv(
        SEALER, b"", ttl=1, now=NOW, salt=bytes(range(12)), iv=bytes(range(12, 24))
    )
    assert base64url.encode(data) == again


def test_fixed_salt_of_a_wrong_length() -> None:
    with pytest.raises(ValueError, match="12"):
        hazmat.seal_with_fixed_salt_and_iv(SEALER, b"", ttl=1, now=NOW, salt=b"", iv=b"x" * 24)


# JSON


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        "NaN",
        "[-Infinity]",
        '"\\ud800"',
        '{"\\udc00":1}',
        '["\\udc00\\ud800"]',
    ],
)
def test_stock_json_accepts_what_we_refuse(text: str) -> None:
    json.loads(text)
    assert strict_json.parse(text.encode()) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"[1,]",
        b"{} {}",
        b"// x\n{}",
        b'"\t"',
        b"01",
        b"+1",
        b".5",
        b"1.",
        "٣".encode(),
        b"1e400",
        b"9" * 5000,
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"\x0c{}",
        b"\xc2\xa0{}",
        b"'a'",
        b"nan",
    ],
)
def test_json_refused(data: bytes) -> None:
    assert strict_json.parse(data) is None
    token = SEALER.seal(data[:9000], ttl=1, now=NOW)
    assert code(UNSEALER.unseal_json, token, now=NOW) == "payload_invalid"


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.0, "-0.0"), (1e-7, "1e-07"), (1e22, "1e+22"), (1e16, "1e+16"), (0.1 + 0.2, None)],
)
def test_spelling_of_floats(value: float, text: str | None) -> None:
    """Python has a spelling of its own, in typed calls; in a session there is one ([SESS-05])."""
    written = strict_json.write(value)
    assert written == (text or repr(value)).encode()
    document = strict_json.parse(written)
    assert document is not None
    assert math.copysign(1, document.value) == math.copysign(1, value)
    assert document.value == value
    session = PROFILE.open(None, now=NOW).checked(None)
    session.data["a"] = value
    if abs(value) > 2**53:  # integral in value: another language would read another number
        assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"
    else:
        spelling = {-0.0: "0", 1e-7: "1e-7"}.get(value, repr(value))
        assert f'"data":{{"a":{spelling}}}' in (PROFILE.commit(session, now=NOW).payload or "")


def test_bool_is_an_int_to_python() -> None:
    """True == 1 and hash(True) == hash(1): a flag is no number, and a number no flag."""
    for name in ("start", "rev", "gen"):
        members = {"sid": "A" * 22, "start": 0, "end": 9, "rev": 1}
        members |= {"sub": "ada", "gen": 1, "auth_time": 0, name: True}
        assert session_json.read(json.dumps(members).encode()) is None
    session = PROFILE.open(None, now=NOW).checked(None)
    session.data["a"] = 1
    token = PROFILE.commit(session, now=NOW).token
    session = PROFILE.open(token, now=NOW).checked(None)
    session.data["a"] = True
    assert PROFILE.commit(session, now=NOW).wrote == "seal"


def test_digits_of_an_integer() -> None:
    """int() of more than 4 300 digits is an error of the interpreter, unless it was told not so."""
    huge = b"1" + b"0" * 5000
    with pytest.raises(ValueError, match="digits"):
        int(huge)
    assert strict_json.parse(huge) is None
    assert code(UNSEALER.unseal, "", now=10**5000) == "clock_range"
    session = PROFILE.open(None, now=NOW).checked(None)
    session.data["a"] = 10**5000
    assert code(PROFILE.commit, session, now=NOW) == "payload_unserializable"
    document = b'{"cretula":"keyring-v1","keys":[{"key":"%s","seal_from":%s}]}'
    text = document % (key(1).to_text().encode(), huge)
    assert code(hazmat.keyring_from_text, text) == "keyring_time"


def test_json_pair_of_surrogates() -> None:
    assert strict_json.parse(b'"\\ud83d\\ude00"') == strict_json.Document("😀")


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), LONE, {LONE: 1}, b"x", {1}, object(), {(): 1}]
)
def test_no_json_form(value: object) -> None:
    assert code(SEALER.seal_json, value, ttl=1, now=NOW) == "payload_unserializable"
    assert code(SIGNER.sign_json, [value], ttl=1, now=NOW) == "payload_unserializable"


def test_names_that_become_equal_and_nesting() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    circle: list[object] = []
    circle.append(circle)
    for value in ({1: "a", "1": "b"}, deep, circle, 10**5000):
        with pytest.raises(CallerError, match="payload_unserializable"):
            SEALER.seal_json(value, ttl=1, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":1,"\\u0061":2}',
        '[[{"b":{"":null,"":null}}]]',
        '{"a":{"b":1,"c":[{"d":1,"d":{}}]}}',
    ],
)
def test_name_twice_in_a_typed_call(text: str) -> None:
    """[JSON-01], at any depth. json.loads() keeps the last of them."""
    assert json.loads(text)
    sealed, signed = (maker(text.encode(), ttl=1, now=NOW) for maker in (SEALER.seal, SIGNER.sign))
    assert code(UNSEALER.unseal_json, sealed, now=NOW) == "payload_invalid"
    assert code(VERIFIER.verify_json, signed, now=NOW) == "payload_invalid"


class Alike(str):
    """Two of the same text are two names to a dict, and one in JSON."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def test_value_that_repeats_a_name() -> None:
    """[JSON-01]"""
    for value in ({Alike("a"): 1, Alike("a"): 1}, [{"b": {Alike("a"): 1, "a": 1}}]):
        for seal in (SEALER.seal_json, SIGNER.sign_json):
            assert code(seal, value, ttl=1, now=NOW) == "payload_unserializable"


@pytest.mark.parametrize("value", [None, True, 0, -7, 1.5, "é😀\0", [], {"a": [{"b": None}]}])
def test_json_round_trip(value: object) -> None:
    sealed = SEALER.seal_json(value, ttl=1, now=NOW)
    signed = SIGNER.sign_json(value, ttl=1, now=NOW)
    assert UNSEALER.unseal_json(sealed, now=NOW).payload == value
    assert VERIFIER.verify_json(signed, now=NOW).payload == value


def test_keyring_from_a_text_file_as_str() -> None:
    """Reading as utf-8-sig or with surrogateescape would hide what the document reader refuses."""
    document = b'\xff{"cretula":"keyring-v1","keys":[]}'
    text = io.TextIOWrapper(io.BytesIO(document), "utf-8", "surrogateescape").read()
    assert "\udcff" in text
    with pytest.raises(InvalidKeyring):
        Keyring.from_text(text)


def test_wrong_types_of_arguments() -> None:
    bad: Any
    for bad in (None, "ring", [Entry(key(1))]):
        with pytest.raises(TypeError):
            Sealer(bad, CONTEXT)
        with pytest.raises(TypeError):
            Sealer(ring(1), bad)
        with pytest.raises(TypeError):
            SEALER.replace_keyring(bad)
    for bad in (None, 1, bytearray(b"x")):
        with pytest.raises(TypeError):
            Keyring.from_text(bad)
        with pytest.raises(TypeError):
            Key.from_text(bad)
        with pytest.raises(TypeError):
            Key.from_bytes(bad)
    with pytest.raises(TypeError):
        Key()
