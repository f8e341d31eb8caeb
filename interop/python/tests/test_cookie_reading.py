"""What vectors do not show of reading cookies (spec §20.2, §20.3)."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from cookie_support import (
    LARGE,
    NAME,
    RANDOM,
    SESSIONS,
    jar,
    lines,
    made,
    new,
    reason,
    stored,
)
from cretula import (
    Sessions,
)
from cretula.reading import Fields
from support import CONTEXT, NOW, code, ring


def naive(fields: list[bytes], name: bytes) -> list[bytes]:
    """[COOK-04] as the text has it."""
    found = []
    for part in (part for octets in fields for part in octets.split(b";")):
        before, equals, after = part.partition(b"=")
        if equals and before.strip(b" \t") == name:
            found.append(after.strip(b" \t"))
    return found


def test_values_against_a_naive_form() -> None:
    pieces = [b"a", b"a.1", b"=", b"=", b";", b";", b" ", b"\t", b'"', b"\xa0", b"\xef\xbb\xbf"]
    pieces += [b"\0", b"\r\n", b"%61", b"A", b",", b"a=1", b"; a = x y \t;", b"$Path"]
    for _ in range(5000):
        fields = [
            b"".join(RANDOM.choices(pieces, k=RANDOM.randrange(20)))
            for _ in range(RANDOM.randrange(4))
        ]
        for name in ("a", "a.1"):
            assert list(Fields(fields).values(name, 99)) == naive(fields, name.encode())
            assert Fields(fields).has(name) == bool(naive(fields, name.encode()))


@pytest.mark.parametrize("space", [b" " * 4095, b" " * 4096, b"\t" * 4097, b" \t" * 9000])
def test_long_space(space: bytes) -> None:
    inner = b"x" + space + b"y"
    fields = [b"o=1;" + space + b"a" + space + b"=" + space + inner + space + b";a=" + space]
    assert list(Fields(fields).values("a", 99_999)) == [inner, b""]


HOSTILE: list[Callable[[bytes, int], list[bytes]]] = [
    lambda good, n: [b"; ".join([b"a=1"] * 100 * n)],
    lambda good, n: [b"; ".join([good] * 100 * n)],
    lambda good, n: [b"; ".join(good + b"%d" % i for i in range(100 * n))],
    lambda good, n: [b"; ".join([NAME.encode() + b"="] * 100 * n)],
    lambda good, n: [b" " * 16_384] * n,
    lambda good, n: [b";" * 16_384] * n,
    lambda good, n: [b"=" * 16_384] * n,
    lambda good, n: [NAME.encode() + b" " * 16_384] * n,
    lambda good, n: [NAME.encode() + b"=" + b" A" * 8_192] * n,
    lambda good, n: [NAME.encode() + b"=A" + b" " * 16_000 + b"A"] * n,
    lambda good, n: [good] + [NAME.encode() + b".end=" + b"a" * 22 + b";" * 16_000] * n,
    lambda good, n: (
        [NAME.encode() + b"=2.aaaaaaaa." + good[15:64] + b"%d" % i for i in range(4)]
        + [(NAME.encode() + b".1=aaaaaaaa.b; ") * 400] * n
    ),
    lambda good, n: [RANDOM.randbytes(16_384) for _ in range(n)],
]


@pytest.mark.parametrize("shape", range(len(HOSTILE)))
def test_hostile_fields(shape: int) -> None:
    """[COOK-05]: 10 000 pairs or 100 fields of 16 KB cost about 10 times a 10th of that."""
    good = stored()
    small, full = HOSTILE[shape](good, 10), HOSTILE[shape](good, 100)

    def cost(fields: list[bytes]) -> float:
        times = []
        for _ in range(3):
            start = time.thread_time()
            SESSIONS.commit(SESSIONS.open(fields, now=NOW).checked(None), now=NOW)
            times.append(time.thread_time() - start)
        return min(times)

    # CPU time. Quadratic would be 100 times, in every try; 40, the floor and the tries leave room
    # for a busy machine.
    assert any(cost(full) < 40 * max(cost(small), 0.002) for _ in range(10))


def test_memory_of_reading() -> None:
    fields = [NAME.encode() + b"=" + b"A" * 1_000_000, stored(), b"a=" + b" " * 1_000_000]
    fields.append(b"; ".join(NAME.encode() + b"=%d" % i for i in range(100_000)))
    SESSIONS.open(fields, now=NOW)
    tracemalloc.start()
    try:
        assert SESSIONS.open(fields, now=NOW).reason is None
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_random_fields_never_raise() -> None:
    good = stored()
    for _ in range(1000):
        pieces = [good, good[15:], NAME.encode(), b"=", b";", b".1", b".end", b"2.", b"\xff"]
        pieces += [RANDOM.randbytes(9), good[: RANDOM.randrange(len(good))], b'"', b" "]
        fields = [
            b"".join(RANDOM.choices(pieces, k=RANDOM.randrange(12)))
            for _ in range(RANDOM.randrange(5))
        ]
        session = SESSIONS.open(fields, now=NOW).checked(None)
        SESSIONS.commit(session, now=NOW)


def test_foreign_pairs_change_nothing() -> None:
    good = stored()
    for foreign in (b'"', b'a="', b"\xff=\0", b"=;=", b"a=b,", b"%s", b"__Host-session", b"$=1"):
        assert reason([foreign + b"; " + good]) is None
        assert reason([good + b";" + foreign]) is None
        assert reason([foreign, b"\t" + good + b" "]) is None
    for prefix in (b"\xa0", b"\xc2\xa0", b"\xef\xbb\xbf", b"\r\n", b"\0"):
        assert reason([prefix + good]) == "absent"
    assert reason([good.replace(b"=", b'="', 1) + b'"']) == "not_a_token"
    assert reason([good.lower()]) == "absent"


def test_choice() -> None:
    session = new()
    session.data["a"] = 1
    first = jar(lines(SESSIONS, session))
    again = SESSIONS.open([first], now=NOW).unchecked()
    again.data["a"] = 2
    second = jar(lines(SESSIONS, again))
    for fields in ([first, second], [second + b";" + first, second], [second, b"", first]):
        assert SESSIONS.open(fields, now=NOW).unchecked().data == {"a": 2}
    assert reason([first, stored()]) == "ambiguous"
    broken = first[:-4] + (b"AAAA" if first[-4:] != b"AAAA" else b"BBBB")
    assert reason([broken, first]) is None
    assert reason([broken, b"x" + broken]) == "auth_failed"
    assert reason([NAME.encode() + b"=", first]) is None
    # In the tag, more than one character of it: one would be right now and then.
    forged = [first[:-10] + b"%d" % i + broken[-8:] for i in range(10, 15)]
    assert reason([b"; ".join(forged)]) == "ambiguous"
    assert reason([b"; ".join(forged[i % 4] for i in range(9))]) == "auth_failed"


def test_greatest_rev_then_issued_at() -> None:
    older, later, equal = made(rev=2, now=NOW - 9), made(rev=1), made(rev=2, now=NOW - 5)
    for order in ([older, later, equal], [equal, later, older], [later, equal, older]):
        fields = [NAME.encode() + b"=" + token for token in order]
        assert SESSIONS.open(fields, now=NOW).unchecked().expires_at == NOW - 5 + 1800


def test_idle_window_is_the_openers() -> None:
    field = NAME.encode() + b"=" + made(ttl=9999)
    assert SESSIONS.open([field], now=NOW + 1799).reason is None
    assert SESSIONS.open([field], now=NOW + 1800).reason == "expired"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"2.", "chunks"),
        (b"2.idididid.", "chunks"),
        (b"2." + b"x" * 9000, "chunks"),
        (b"3." + b"x" * 9000, "too_long"),
        (b"3.", "not_a_token"),
    ],
)
def test_values_without_the_shape(value: bytes, expected: str) -> None:
    assert reason([NAME.encode() + b"=" + value]) == expected
    assert reason([NAME.encode() + b"=" + value, stored()]) is None


def test_sizes_of_parts() -> None:
    """[COOK-14]: 3 000 octets each at most, and at least one in the second."""
    name, parts = NAME.encode(), stored(4000, LARGE).replace(b"; ", b"=").split(b"=")
    whole = parts[3][11:] + parts[1][9:]

    def split(at: int, rest: int = 9999) -> list[bytes]:
        first, second = whole[:at], whole[at : at + rest]
        return [name + b"=2.idididid." + first, name + b".1=idididid." + second]

    assert [reason(split(at)) for at in (2989, 2990, len(whole) - 2991)] == [None, "chunks", None]
    assert reason(split(len(whole) - 2992)) == "chunks"
    assert reason(split(60, 0)) == "chunks"
    assert reason(split(47)) == "chunks"
    assert reason([*split(2989), name + b".1=idididid."]) is None


def test_arguments_of_open() -> None:
    for fields in (b"a=b", "a=b", ["a=b"], [None]):
        with pytest.raises(TypeError):
            SESSIONS.open(fields, now=NOW)  # type: ignore[arg-type]
    assert code(SESSIONS.open, [], now=-1) == "clock_range"
    with pytest.raises(TypeError):
        Sessions(ring(1), CONTEXT, cookie="session")  # type: ignore[arg-type]
