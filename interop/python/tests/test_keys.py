"""Keys and rings (spec §4, §11)."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
from typing import Any

import pytest

from cretula import Entry, InvalidKeyring, Key, Keyring, RotationWarning, hazmat
from support import NOW, code, key, raw_key

TEXT = key(1).to_text()
TEXT2 = key(2).to_text()


def with_checksum(digits: str) -> str:
    body = f"cretula_key1_{digits}"
    return f"{body}_{hashlib.sha256(body.encode()).hexdigest()[:8]}"


def document(*entries: object) -> str:
    return json.dumps({"cretula": "keyring-v1", "keys": entries})


def refusal(text: str | bytes) -> tuple[str, int | None]:
    with pytest.raises(InvalidKeyring) as caught:
        hazmat.keyring_from_text(text)
    return caught.value.code, caught.value.entry


def test_generate_and_read_back() -> None:
    made = Key.generate()
    assert re.fullmatch("cretula_key1_[0-9a-f]{64}_[0-9a-f]{8}", made.to_text())
    assert len(made.to_text()) == 86
    assert Key.from_text(made.to_text()) == made == Key.from_bytes(made.to_bytes())
    assert Key.generate() != made
    assert made != made.to_bytes()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "key_format"),
        (TEXT + "\n", "key_format"),
        (" " + TEXT, "key_format"),
        (TEXT.upper(), "key_format"),
        (TEXT[:-1], "key_format"),
        (TEXT[:-1] + "\u0665", "key_format"),
        ("\ud800" * 86, "key_format"),
        (TEXT[:-1] + ("0" if TEXT[-1] != "0" else "1"), "key_checksum"),
        (TEXT[:20] + ("0" if TEXT[20] != "0" else "1") + TEXT[21:], "key_checksum"),
        ("cretula_key1_" + "0" * 64 + "_00000000", "key_checksum"),
        (with_checksum("0" * 64), "key_zero"),
        (TEXT, "key_test"),
    ],
)
def test_key_texts_refused(text: str, expected: str) -> None:
    assert code(Key.from_text, text) == expected


def test_key_bytes_refused() -> None:
    assert code(Key.from_bytes, bytes(31)) == "key_format"
    assert code(Key.from_bytes, bytes(33)) == "key_format"
    assert code(Key.from_bytes, bytes(32)) == "key_zero"
    assert code(Key.from_bytes, raw_key(0)) == "key_test"
    assert code(hazmat.key_from_bytes, bytes(32)) == "key_zero"
    assert code(Keyring.from_text, TEXT) == "key_test"
    assert Key.from_bytes(b"cretula-test-keX" + bytes(16))


@pytest.mark.parametrize("separator", [",", " ", "\n", "\r\n", "\t", "\f", " , ,\n,"])
def test_list(separator: str) -> None:
    for text in (TEXT + separator + TEXT2, separator + TEXT + separator + TEXT2 + separator):
        read = hazmat.keyring_from_text(text)
        assert read.entries == (Entry(key(1)), Entry(key(2)))
        assert read.sealing_entry(0).key == key(1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("keyring_empty", None)),
        (" ,\n,", ("keyring_empty", None)),
        (f"{TEXT};{TEXT2}", ("key_format", 0)),
        (f"{TEXT} \x0b {TEXT2}", ("key_format", 1)),
        (f"{TEXT} \xa0 {TEXT2}", ("key_format", 1)),
        (f"{TEXT},{TEXT}", ("key_duplicate", 1)),
        (f"{TEXT},{TEXT},x", ("key_duplicate", 1)),
        (f"x,{TEXT}", ("key_format", 0)),
        ("[]", ("key_format", 0)),
        (",{}", ("key_format", 0)),
        ("\ud800", ("key_format", 0)),
        (b"\xff", ("key_format", 0)),
        # [RING-15]: a byte order mark is not "{", so this is a list.
        (b"\xef\xbb\xbf" + document({"key": TEXT}).encode(), ("key_format", 0)),
    ],
)
def test_lists_refused(text: str | bytes, expected: tuple[str, int | None]) -> None:
    assert refusal(text) == expected


def test_document() -> None:
    text = document({"key": TEXT, "seal_from": 5, "accept_until": 9}, {"key": TEXT2})
    for form in (text, text.encode(), "\n\t " + text + "\r\n"):
        assert hazmat.keyring_from_text(form).entries == (Entry(key(1), 5, 9), Entry(key(2)))


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"cretula":"keyring-v1"}',
        '{"cretula":"keyring-v2","keys":[]}',
        '{"cretula":"keyring-v1","keys":{}}',
        '{"cretula":"keyring-v1","keys":[1]}',
        '{"cretula":"keyring-v1","keys":[],"more":1}',
        '{"cretula":"keyring-v1","keys":[],"keys":[]}',
        '{"cretula":"keyring-v1","keys":[]} x',
        '{"cretula":"keyring-v1","keys":[],}',
        '{"cretula":["keyring-v1"],"keys":[]}',
        '\x0c{"cretula":"keyring-v1","keys":[]}',
        '{\ufeff"cretula":"keyring-v1","keys":[]}',
        b'{"cretula":"keyring-v1","keys":[],"\xff":1}',
        document({}),
        document({"key": TEXT, "note": ""}),
        document({"key": []}),
        document({"key": {}}),
        document({"key": TEXT, "seal_from": [1]}),
        document({"key": "\ud800"}),
        document({"key": TEXT, "\udfff": 1}),
        document({"key": TEXT, "seal_from": float("nan")}),
        document({"key": TEXT, "seal_from": float("inf")}),
        document({"key": "bad"}, {"key": TEXT, "x": 1}),
        f'{{"cretula":"keyring-v1","keys":[{{"key":"{TEXT}","k\\u0065y":"{TEXT}"}}]}}',
        '{"cretula":"keyring-v1","keys":' + "[" * 100_000,
        '{"cretula":"keyring-v1","keys":[{"key":' + "[" * 100_000 + "]" * 100_000 + "}]}",
    ],
)
def test_documents_refused(text: str | bytes) -> None:
    assert refusal(text) == ("keyring_format", None)


def test_escapes_in_documents() -> None:
    text = document({"key": TEXT}).replace("key1", "k\\u0065y1").replace('"keys"', '"\\u006beys"')
    assert hazmat.keyring_from_text(text).entries == (Entry(key(1)),)


@pytest.mark.parametrize("value", [1, None, True, 1e400, "", "cretula"])
def test_key_that_is_no_key_text(value: object) -> None:
    text = document({"key": TEXT}, {"key": value}).replace("Infinity", "1e400")
    assert refusal(text) == ("key_format", 1)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0", 0),
        ("-0", 0),
        ("-0.0e5", 0),
        ("1790000000", NOW),
        ("1790000000.0", NOW),
        ("1.79e9", NOW),
        ("1790000000000E-3", NOW),
        ("281474976710655", 2**48 - 1),
        ("0.99999999999999999999", 1),  # as binary64
        ("1e-400", 0),  # as binary64
        ("0." + "0" * 9000 + "1", 0),
        ("0.5", None),
        ("-1", None),
        ("281474976710656", None),
        ("281474976710655.999", None),  # as binary64 2^48
        ("281474976710655.9", None),
        ("5e-324", None),
        ("1e400", None),
        ("-1e400", None),
        ("9" * 9000, None),
        ('"1"', None),
        ("true", None),
        ("false", None),
        ("null", None),
    ],
)
def test_times_of_documents(number: str, expected: int | None) -> None:
    text = document({"key": TEXT, "seal_from": "?"}).replace('"?"', number)
    end = document({"key": TEXT, "accept_until": "?"}).replace('"?"', number)
    if expected is None:
        assert refusal(text) == refusal(end) == ("keyring_time", 0)
    else:
        assert hazmat.keyring_from_text(text).entries[0].seal_from == expected
        assert type(hazmat.keyring_from_text(text).entries[0].seal_from) is int
        if expected == 0:
            assert refusal(end) == ("keyring_window", 0)


def test_order_of_faults() -> None:
    """[RING-06]: entry by entry; in each the key, the times, the window, the duplicate."""
    bad_time: dict[str, Any] = {"seal_from": -1, "accept_until": -2}
    assert refusal(document({"key": "x", **bad_time})) == ("key_format", 0)
    assert refusal(document({"key": TEXT}, {"key": TEXT, **bad_time})) == ("keyring_time", 1)
    window = {"key": TEXT, "seal_from": 5, "accept_until": 5}
    assert refusal(document({"key": TEXT}, window)) == ("keyring_window", 1)
    assert refusal(document({"key": TEXT}, {"key": TEXT}, {"key": 1})) == ("key_duplicate", 1)
    assert refusal(document(window, {"key": "x"})) == ("keyring_window", 0)
    assert refusal(document()) == ("keyring_empty", None)


def test_entries_by_hand() -> None:
    assert code(Keyring, []) == "keyring_empty"
    assert code(Keyring, [Entry(key(1)), Entry(key(1), 5)]) == "key_duplicate"
    assert code(Keyring, [Entry(key(1), 0, 0)]) == "keyring_window"
    assert code(Keyring, [Entry(key(1), 2**48)]) == "keyring_time"
    assert code(Keyring, [Entry(key(1), 0, 2**48)]) == "keyring_time"
    bad: Any
    for bad in (key(1), "x", None, Entry(TEXT)):  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            Keyring([bad])


def test_many_entries() -> None:
    read = hazmat.keyring_from_text(",".join(key(number).to_text() for number in range(3000)))
    assert len(read) == 3000
    assert len(read.accepted(NOW)) == 3000


def test_selection() -> None:
    one, two, three = Entry(key(1), 10, 100), Entry(key(2), 20), Entry(key(3), 20, 30)
    read = Keyring([three, one, two])
    assert code(read.sealing_entry, 9) == "no_sealing_key"
    assert read.accepted(9) == (three, one, two)
    assert read.sealing_entry(10) == one
    assert read.sealing_entry(20) == three  # the first of equals
    assert code(read.sealing_entry, 30) == "no_sealing_key"  # no fall-back
    assert read.accepted(30) == (one, two)
    assert read.accepted(100) == (two,)
    assert code(read.sealing_entry, -1) == "clock_range"
    assert code(read.accepted, 2**48) == "clock_range"


def test_warnings() -> None:
    def warned(first: Entry, second: Entry, **changed: Any) -> tuple[RotationWarning, ...]:
        given = {"longest_ttl": 100, "reload_grace": 10, "leeway": 5, "now": NOW, **changed}
        return Keyring([first, second]).warnings(**given)

    early = RotationWarning(0, "ends_before_its_tokens")
    soon = RotationWarning(1, "takes_over_too_soon")
    start = NOW + 1000
    assert warned(Entry(key(1), 0, start + 109), Entry(key(2), start)) == (early,)
    assert warned(Entry(key(1), 0, start + 110), Entry(key(2), start)) == ()
    assert warned(Entry(key(1)), Entry(key(2), NOW + 14)) == (soon,)
    assert warned(Entry(key(1)), Entry(key(2), NOW + 15)) == ()
    assert warned(Entry(key(1)), Entry(key(2), NOW)) == ()
    assert warned(Entry(key(1), 0, NOW + 99), Entry(key(2), NOW + 1)) == (early, soon)
    assert warned(Entry(key(1), NOW + 2), Entry(key(2), NOW + 1)) == ()  # nothing seals yet
    pair = (Entry(key(1)), Entry(key(2)))
    assert code(warned, *pair, leeway=301, longest_ttl=0) == "leeway_range"
    assert code(warned, *pair, now=-1, longest_ttl=0) == "clock_range"
    assert code(warned, *pair, longest_ttl=0) == "ttl_range"
    assert code(warned, *pair, longest_ttl=0, reload_grace=-1) == "ttl_range"
    for grace in (-1, 34_560_001):
        assert code(warned, *pair, reload_grace=grace) == "grace_range"
    with pytest.raises(TypeError, match="reload_grace"):
        warned(*pair, reload_grace=1.0)


def test_far_in_future() -> None:
    """[RING-18]: a time in milliseconds is more than 100 years away. One warning an entry."""
    century = 3_155_760_000

    def warned(*entries: Entry) -> list[tuple[int, str]]:
        given = Keyring(entries).warnings(longest_ttl=100, reload_grace=10, now=NOW)
        return [(warning.entry, warning.code) for warning in given]

    edge = NOW + century
    assert warned(Entry(key(1), 0, edge), Entry(key(2), edge)) == [(0, "ends_before_its_tokens")]
    assert warned(Entry(key(1), 0, edge + 1), Entry(key(2))) == [(0, "far_in_future")]
    assert warned(Entry(key(1), edge + 1, edge + 2)) == [(0, "far_in_future")]
    assert warned(Entry(key(1), 0, 2000 * NOW), Entry(key(2), 2000 * NOW)) == [
        (0, "ends_before_its_tokens"),
        (0, "far_in_future"),
        (1, "far_in_future"),
    ]


def test_a_ring_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    good = Key.generate().to_text()
    monkeypatch.setenv("SHOP_KEYS", good)
    assert len(Keyring.from_env("SHOP_KEYS").entries) == 1
    for value, expected, entry in [
        (f"{good},{good[:-1]}", "key_format", 1),
        (" ", "keyring_empty", None),
        ("\udcff", "key_format", 0),
        ("", "keyring_empty", None),
        (None, "keyring_empty", None),
    ]:
        if value is None:
            monkeypatch.delenv("SHOP_KEYS")
        else:
            monkeypatch.setenv("SHOP_KEYS", value)
        with pytest.raises(InvalidKeyring) as caught:
            Keyring.from_env("SHOP_KEYS")
        error = caught.value
        assert (error.code, error.entry) == (expected, entry)
        place = "the variable SHOP_KEYS" if value else "the variable SHOP_KEYS is not set"
        assert str(error).startswith(f"{place}: {expected}")
        assert good[-72:-9] not in str(error)
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
