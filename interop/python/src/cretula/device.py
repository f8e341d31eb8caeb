"""Device binding (spec §21): the key that a browser holds, its JWTs, and the three tokens."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from . import base64url
from .bound import LiveRing, Ring
from .cookie import Cookie, proof_name
from .derive import Context
from .errors import CallerError
from .limits import CHALLENGE_LIFE, JWT_MAX, LIFE_MAX, PROOF_DEFAULT, PROOF_MAX, check
from .making import Sealer
from .opening import Opened, Unsealer
from .session_json import is_sid, read_object

_PATH: Final = re.compile(r"/[A-Za-z0-9/\-._~]{0,99}[A-Za-z0-9\-._~]")
# The curve's prime: the library reduces what is beyond it.
_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_ES256: Final = ec.ECDSA(SHA256())

# The three tokens: what follows the session's purpose, and their places beside its ring.
CHALLENGE: Final = "challenge"
DEVICE: Final = "device"
PROOF: Final = "proof"
_TOKENS: Final = (CHALLENGE, DEVICE, PROOF)

Draw = Callable[[str, int], bytes]


@dataclass(frozen=True)
class DeviceBinding:
    """The settings of device binding (§21.1).

    `path` is where the two endpoints are: `/`, then 1 to 100 letters, digits, `/`, `-`, `.`, `_`
    and `~`, the last not `/`. `proof` is the life of a proof, 1 to 3 600 seconds. `require_after`
    are seconds after its start from which a user's session must be bound, 0 to 34 560 000; None if
    never. Raises CallerError device_settings.
    """

    path: str = "/device-binding"
    proof: int = PROOF_DEFAULT
    require_after: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.path, str):
            raise TypeError(f"path must be str, not {type(self.path).__name__}")
        if _PATH.fullmatch(self.path) is None:
            raise CallerError("device_settings")
        check("proof", self.proof, 1, PROOF_MAX, "device_settings")
        if self.require_after is not None:
            check("require_after", self.require_after, 0, LIFE_MAX, "device_settings")


@dataclass(frozen=True)
class DeviceKey:
    """A public key of the curve P-256; the coordinates in base64url."""

    x: str
    y: str
    key: ec.EllipticCurvePublicKey

    @classmethod
    def of(cls, x: object, y: object) -> DeviceKey | None:
        """None unless these are the coordinates of a point of the curve ([DEV-06])."""
        first, second = _coordinate(x), _coordinate(y)
        if first is None or second is None:
            return None
        try:
            key = ec.EllipticCurvePublicNumbers(first, second, ec.SECP256R1()).public_key()
        except ValueError:
            return None
        return cls(str(x), str(y), key)

    @property
    def jkt(self) -> str:
        """The thumbprint ([DEV-03])."""
        text = f'{{"crv":"P-256","kty":"EC","x":"{self.x}","y":"{self.y}"}}'
        return base64url.encode(hashlib.sha256(text.encode("ascii")).digest())

    def verifies(self, message: bytes, signature: bytes) -> bool:
        octets = base64url.decode(signature)
        if octets is None or len(octets) != 64:
            return False
        r, s = int.from_bytes(octets[:32], "big"), int.from_bytes(octets[32:], "big")
        try:
            self.key.verify(encode_dss_signature(r, s), message, _ES256)
        except InvalidSignature:
            return False
        return True


def _coordinate(text: object) -> int | None:
    if not isinstance(text, str) or len(text) != 43 or not text.isascii():
        return None
    octets = base64url.decode(text.encode("ascii"))
    number = _P if octets is None else int.from_bytes(octets, "big")
    return number if number < _P else None


def value(octets: bytes) -> bytes:
    """What a header field says, which some browsers put between quotation marks (§21.5)."""
    octets = octets.strip(b" \t")
    return octets[1:-1] if len(octets) >= 2 and octets[:1] == octets[-1:] == b'"' else octets


def read_jwt(octets: bytes, key: DeviceKey | None) -> tuple[str, DeviceKey] | str:
    """The challenge and the key of a JWT, or the code of what is wrong ([DEV-06]).

    `key` is that of a device token; None at a registration, where the JWT brings its own.
    """
    parts = octets.split(b".")
    if len(octets) > JWT_MAX or len(parts) != 3:
        return "jwt_format"
    header, claims = _part(parts[0]), _part(parts[1])
    if header is None or claims is None:
        return "jwt_format"
    jti = claims.get("jti")
    if not isinstance(jti, str):
        return "jwt_format"
    if header.get("typ") != "dbsc+jwt" or header.get("alg") != "ES256" or "crit" in header:
        return "jwt_algorithm"
    if key is None:
        jwk = header.get("jwk")
        if not isinstance(jwk, dict) or "d" in jwk:
            return "jwt_key"
        if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
            return "jwt_key"
        key = DeviceKey.of(jwk.get("x"), jwk.get("y"))
        if key is None:
            return "jwt_key"
    if not key.verifies(parts[0] + b"." + parts[1], parts[2]):
        return "jwt_signature"
    return jti, key


def _part(text: bytes) -> dict[str, Any] | None:
    octets = base64url.decode(text)
    return None if octets is None else read_object(octets)


class Device:
    """Device binding as it was set up: makes and opens the three tokens (§21.2)."""

    def __init__(
        self, binding: DeviceBinding, cookie: Cookie, context: Context, live: LiveRing, leeway: int
    ) -> None:
        if not isinstance(binding, DeviceBinding):
            raise TypeError(f"device_binding must be a DeviceBinding, not {type(binding).__name__}")
        self.binding = binding
        self.proof_name = proof_name(cookie.name)
        # Their rings are those beside the session's.
        ages = {CHALLENGE: CHALLENGE_LIFE, DEVICE: LIFE_MAX, PROOF: binding.proof}
        keyring = live.ring.keyring
        self._unsealers = {
            token: Unsealer(keyring, context, max_age=age, leeway=leeway)
            for token, age in ages.items()
        }
        self._sealer = Sealer(keyring, context)
        for made in (*self._unsealers.values(), self._sealer):
            made._live = live

    @staticmethod
    def check_cookie(cookie: Cookie) -> None:
        """Refuse what device binding does not go with ([DEV-01])."""
        if not cookie.name.startswith("__Host-") or cookie.partitioned:
            raise CallerError("cookie_attributes")

    @staticmethod
    def contexts(context: Context) -> tuple[Context, ...]:
        """Those of the three tokens. Raises CallerError context_invalid."""
        return tuple(
            Context(audience=context.audience, purpose=f"{context.purpose}.{token}")
            for token in _TOKENS
        )

    def challenge(self, ring: Ring, use: str, name: str, of: str, now: int, draw: Draw) -> str:
        """A challenge of this use; `name` and `of` are the member that it is for."""
        payload = f'{{"use":"{use}","{name}":"{of}"}}'
        return self._seal(CHALLENGE, ring, payload, CHALLENGE_LIFE, now, draw)

    def device_token(
        self, ring: Ring, sid: str, key: DeviceKey, end: int, now: int, draw: Draw
    ) -> str:
        payload = f'{{"sid":"{sid}","x":"{key.x}","y":"{key.y}"}}'
        return self._seal(DEVICE, ring, payload, min(end - now, LIFE_MAX), now, draw)

    def proof(
        self, ring: Ring, sid: str, jkt: str, most: int, now: int, draw: Draw
    ) -> tuple[str, int]:
        """A proof that lives `most` seconds at most, and its ttl."""
        ttl = min(self.binding.proof, most)
        payload = f'{{"sid":"{sid}","jkt":"{jkt}"}}'
        return self._seal(PROOF, ring, payload, ttl, now, draw), ttl

    def is_challenge(self, ring: Ring, text: str, use: str, name: str, of: str, now: int) -> bool:
        """Whether a challenge lives, and is one of this use for this session or key."""
        opened = self._open(CHALLENGE, ring, text.encode("utf-8", "surrogatepass"), now)
        if isinstance(opened, str):
            return False
        members = read_object(opened.payload)
        return members == {"use": use, name: of}

    def open_device(self, ring: Ring, text: bytes, now: int) -> tuple[str, DeviceKey] | str:
        """The sid of the registration and the key, or the code of a refusal."""
        opened = self._open(DEVICE, ring, text, now)
        if isinstance(opened, str):
            return opened
        members = read_object(opened.payload)
        if members is None or members.keys() != {"sid", "x", "y"} or not is_sid(members["sid"]):
            return "payload_invalid"
        key = DeviceKey.of(members["x"], members["y"])
        return "payload_invalid" if key is None else (members["sid"], key)

    def proven(
        self, ring: Ring, candidates: Iterable[bytes], jkt: str, now: int
    ) -> list[tuple[str, int]]:
        """The proofs of a key: the sid of each, and when it was made ([DEV-04])."""
        found = []
        for text in candidates:
            opened = self._open(PROOF, ring, text, now)
            if isinstance(opened, str):
                continue
            members = read_object(opened.payload)
            if members is None or members.keys() != {"sid", "jkt"}:
                continue
            if is_sid(members["sid"]) and members["jkt"] == jkt:
                found.append((members["sid"], opened.issued_at))
        return found

    def is_required(self, start: int, now: int) -> bool:
        """Whether a user's session that began then has to be bound by now."""
        after = self.binding.require_after
        return after is not None and now >= start + after

    @staticmethod
    def proofs(ring: Ring) -> Ring:
        """What the key ids of proofs are looked up in."""
        return ring.beside[_TOKENS.index(PROOF)]

    def _open(self, token: str, ring: Ring, text: bytes, now: int) -> Opened[bytes] | str:
        beside = ring.beside[_TOKENS.index(token)]
        return self._unsealers[token]._steps(text, now, beside)

    def _seal(self, token: str, ring: Ring, payload: str, ttl: int, now: int, draw: Draw) -> str:
        beside = ring.beside[_TOKENS.index(token)]
        octets = payload.encode("ascii")
        return self._sealer._seal(octets, ttl, now, lambda count: draw(token, count), beside)
