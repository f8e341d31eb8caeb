"""The constants of spec §3, and the checks of §8 for values that the caller gives."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

from .errors import CallerError

MAGIC_SEALED: Final = b"\x0a\xb1\x35"
MAGIC_SIGNED: Final = b"\x0a\xb4\xb5"
KIND_SEALED: Final = b"E"
KIND_SIGNED: Final = b"S"
INFO_LABEL: Final = b"cretula-v1"
SUBKEY_LABEL: Final = b"cretula-v1 token"
KEY_PREFIX: Final = "cretula_key1_"
TEST_KEY_PREFIX: Final = b"cretula-test-key"
MASTER_KEY_BYTES: Final = 32
WORKING_KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 32
SALT_BYTES: Final = 12
IV_BYTES: Final = 12
GCM_TAG_BYTES: Final = 16
HMAC_TAG_BYTES: Final = 32
SEALED_MIN_BYTES: Final = 85
SIGNED_MIN_BYTES: Final = 77
CONTEXT_FIELD_MAX: Final = 255
TIME_END: Final = 1 << 48
LIFE_MAX: Final = 34_560_000
FAR_FUTURE: Final = 3_155_760_000  # 100 years of 365.25 days ([RING-18])
LEEWAY_MAX: Final = 300
LEEWAY_DEFAULT: Final = 60
LIMIT_DEFAULT: Final = 16_384
LIMIT_MAX: Final = 1 << 24
SID_CHARACTERS: Final = 22
SUB_MAX: Final = 255
INTEGER_MAX: Final = (1 << 53) - 1
NESTING_MAX: Final = 16
IDLE_DEFAULT: Final = 1_800
ABSOLUTE_DEFAULT: Final = 86_400
COOKIE_NAME_MAX: Final = 64
COOKIE_PATH_MAX: Final = 1_024
COOKIE_DOMAIN_MAX: Final = 253
COOKIE_TOKEN_MAX: Final = 5_980
COOKIE_CANDIDATES_MAX: Final = 4
COOKIE_MAX: Final = 4_096
COOKIE_LARGE: Final = 3_500
COOKIE_PART_MAX: Final = 3_000
JKT_CHARACTERS: Final = 43
RECHECK_MAX: Final = 86_400
CHALLENGE_LIFE: Final = 60
PROOF_DEFAULT: Final = 600
PROOF_FIRST: Final = 60
PROOF_MAX: Final = 3_600
JWT_MAX: Final = 4_096


def is_integer(value: object) -> bool:
    """Tell whether value is an int. True and False are not: a flag in place of a time is a bug."""
    return isinstance(value, int) and not isinstance(value, bool)


def check(name: str, value: int, low: int, high: int, code: str) -> int:
    """Return value if low <= value <= high.

    Raises CallerError(code) outside the range ([TIME-01]), TypeError if it is not an int.
    """
    if not is_integer(value):
        raise TypeError(f"{name} must be an int (floor it), not {type(value).__name__}")
    if not low <= value <= high:
        raise CallerError(code)
    return value


def check_limit(value: int) -> int:
    """1 to 2^24 octets of token text, else limit_range."""
    return check("limit", value, 1, LIMIT_MAX, "limit_range")


def check_leeway(value: int) -> int:
    """0 to 300 seconds, else leeway_range."""
    return check("leeway", value, 0, LEEWAY_MAX, "leeway_range")


def check_max_age(value: int) -> int:
    """1 to 34 560 000 seconds, else max_age_range."""
    return check("max_age", value, 1, LIFE_MAX, "max_age_range")


def check_ttl(value: int) -> int:
    """1 to 34 560 000 seconds, else ttl_range."""
    return check("ttl", value, 1, LIFE_MAX, "ttl_range")


Clock = Callable[[], float]


def read_now(value: int | None, clock: Clock | None = None) -> int | None:
    """Seconds since the epoch, 0 to 2^48 - 1, else clock_range. None reads the clock.

    `clock` is in the place of the system's. Returns None without a clock: it fails or is outside
    that range ([TIME-02]).
    """
    if value is not None:
        return check("now", value, 0, TIME_END - 1, "clock_range")
    if clock is not None:
        given = math.floor(clock())
        return given if 0 <= given < TIME_END else None
    try:
        # Integer nanoseconds, so that the floor is exact; a float rounds.
        now = time.time_ns() // 1_000_000_000
    except (OSError, OverflowError, ValueError):
        return None
    return now if 0 <= now < TIME_END else None


def check_now(value: int | None, clock: Clock | None = None) -> int:
    """As read_now(), but raises no_clock without a clock."""
    now = read_now(value, clock)
    if now is None:
        raise CallerError("no_clock")
    return now


def check_reload_grace(value: int) -> int:
    """0 to 34 560 000 seconds, else grace_range."""
    return check("reload_grace", value, 0, LIFE_MAX, "grace_range")
