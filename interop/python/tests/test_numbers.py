"""A number of a session has one spelling, that of ECMAScript ([SESS-05])."""

from __future__ import annotations

import json
import math
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from fractions import Fraction

import pytest

from cretula import session_json
from session_support import GUEST, opening_of, text_of, tried
from support import NOW

RANDOM = random.Random("numbers")


def written(value: object) -> str:
    text = session_json.write_object({"a": value})
    assert text is not None
    return text.removeprefix('{"a":').removesuffix("}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-1.0, "-1"),
        (0.0, "0"),
        (-0.0, "0"),
        (1e2, "100"),
        (9007199254740991.0, "9007199254740991"),
        (-9007199254740991.0, "-9007199254740991"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.30000000000000004"),
        (123456.789, "123456.789"),
        (-0.5, "-0.5"),
        (4503599627370495.5, "4503599627370495.5"),
        (0.001, "0.001"),
        (1e-4, "0.0001"),
        (1e-5, "0.00001"),
        (1.5e-5, "0.000015"),
        (1e-6, "0.000001"),
        (1.23456e-6, "0.00000123456"),
        (-1e-6, "-0.000001"),
        (9.99e-7, "9.99e-7"),
        (1e-7, "1e-7"),
        (-1e-7, "-1e-7"),
        (1.5e-10, "1.5e-10"),
        (5e-324, "5e-324"),
        (2.2250738585072014e-308, "2.2250738585072014e-308"),
        # The shortest form that reads back is not the nearest number of as many digits.
        (2.0**-44, "5.684341886080802e-14"),
    ],
)
def test_spelling(value: float, text: str) -> None:
    assert written(value) == text
    assert written([value, {"b": value}]) == f'[{text},{{"b":{text}}}]'


def doubles(count: int) -> Iterator[float]:
    """Numbers that are no integers, of all sizes, and those at powers of two and of ten."""
    for power in range(-1074, 53):
        yield from (math.nextafter(2.0**power, way) for way in (0, math.inf))
        yield 2.0**power
    for power in range(-323, 16):
        near = float(f"1e{power}")
        yield from (near, math.nextafter(near, 0), math.nextafter(near, math.inf))
    for _ in range(count):
        yield float(f"{RANDOM.randrange(10**8)}e-{RANDOM.randrange(30)}")
        yield RANDOM.uniform(-1e9, 1e9)
        (value,) = struct.unpack("<d", RANDOM.randbytes(8))
        if math.isfinite(value):
            yield value


def fractions(count: int) -> list[float]:
    return [value for value in doubles(count) if not value.is_integer() and abs(value) < 2**53]


def ecmascript(value: float) -> str:
    """Number::toString by the letter of ECMA-262, with exact arithmetic."""
    if value < 0:
        return "-" + ecmascript(-value)
    exact = Fraction(value)
    n = math.floor(math.log10(value)) + 1 if value >= 1e-300 else -323
    while exact >= Fraction(10) ** n:
        n += 1
    while exact < Fraction(10) ** (n - 1):
        n -= 1
    for k in range(1, 18):
        unit = Fraction(10) ** (n - k)
        below = math.floor(exact / unit)
        near = [s for s in (below, below + 1) if float(s * unit) == value]
        if near:
            s = min(near, key=lambda s: (abs(s * unit - exact), s % 2))
            break
    if s == 10**k:  # of one digit, one place higher
        s, n, k = 1, n + 1, 1
    digits = str(s)
    if k <= n <= 21:
        return digits + "0" * (n - k)
    if 0 < n <= 21:
        return f"{digits[:n]}.{digits[n:]}"
    if -6 < n <= 0:
        return f"0.{'0' * -n}{digits}"
    point = "." if k > 1 else ""
    return f"{digits[0]}{point}{digits[1:]}e{'+' if n > 0 else '-'}{abs(n - 1)}"


def test_against_exact_arithmetic() -> None:
    for value in fractions(2000):
        text = written(value)
        assert text == ecmascript(value)
        assert json.loads(text) == value


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_against_javascript() -> None:
    values = fractions(50_000)
    script = (
        "const n = require('fs').readFileSync(0);"
        "for (let i = 0; i < n.length; i += 8) console.log(JSON.stringify(n.readDoubleLE(i)))"
    )
    octets = struct.pack(f"<{len(values)}d", *values)
    done = subprocess.run(["node", "-e", script], input=octets, capture_output=True, check=True)
    assert done.stdout.decode().split() == [written(value) for value in values]


def test_integers() -> None:
    for _ in range(5000):
        value = RANDOM.randrange(-(2**53) + 1, 2**53)
        assert written(value) == written(float(value)) == str(value)


def test_refresh_spells_anew() -> None:
    """Also a number that nobody touched; and it is the same value, so no change."""
    numbers = "[1.0,1e0,-0,-0.0,1.50,1E2,0.00001,1.5E-05,0.1000000000000000055511,1e-400,1E-7]"
    text = text_of(GUEST)[:-1] + f',"data":{{"a":{numbers}}}}}'.encode()
    session = opening_of(text).unchecked()
    assert tried(session).wrote == "nothing"
    spelled = '"data":{"a":[1,1,0,0,1.5,100,0.00001,0.000015,0.1,0,1e-7]}}'
    assert (tried(session, NOW + 1000).payload or "").endswith(spelled)
