"""No key and no payload in texts, attributes, chains or tracebacks ([KEY-08], [OPEN-12])."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable, Iterator

import pytest

from cretula import CretulaError, Entry, InvalidKeyring, Key, Keyring, errors, hazmat
from cretula.derive import derive
from support import CONTEXT, NOW, SEALER, SIGNER, UNSEALER, VERIFIER, code, key, ring

SECRET = "attack at dawn"
MARK = key(1).to_bytes().hex()[32:]


def refused(call: Callable[[], object]) -> CretulaError:
    with pytest.raises(CretulaError) as caught:
        call()
    return caught.value


def everything(error: BaseException) -> Iterator[str]:
    """All that an error reporter finds: texts, attributes, chains, and the package's frames."""
    while True:
        yield "".join(traceback.format_exception(error))
        yield repr(error) + str(error) + repr(error.args) + repr(vars(error))
        step = error.__traceback__
        while step is not None:
            if "/cretula/" in step.tb_frame.f_code.co_filename:
                yield repr({**step.tb_frame.f_locals, "token": None})
            step = step.tb_next
        following = error.__cause__ or error.__context__
        if following is None:
            return
        error = following


@pytest.mark.parametrize("now", [NOW - 1000, NOW + 1000])
def test_body_of_a_dead_token(now: int) -> None:
    for error in (
        refused(lambda: UNSEALER.unseal(SEALER.seal(SECRET.encode(), ttl=9, now=NOW), now=now)),
        refused(lambda: VERIFIER.verify(SIGNER.sign(SECRET.encode(), ttl=9, now=NOW), now=now)),
    ):
        assert error.code in ("expired", "issued_in_future")
        assert not any(SECRET in text for text in everything(error))


@pytest.mark.parametrize("tail", [b"", b"\xff", b"\\ud800"])
def test_payload_that_is_not_json(tail: bytes) -> None:
    token = SEALER.seal(b'"' + SECRET.encode() + tail, ttl=9, now=NOW)
    error = refused(lambda: UNSEALER.unseal_json(token, now=NOW))
    assert error.code == "payload_invalid"
    assert not any(SECRET in text for text in everything(error))


def test_unserializable_is_not_chained() -> None:
    error = refused(lambda: SEALER.seal_json(SECRET + "\ud800", ttl=9, now=NOW))
    assert error.__context__ is None
    assert SECRET not in str(error)


@pytest.mark.parametrize("text", ["{%s", "{%s\udcff", "%s0", "%s,%s"])
def test_errors_about_rings(text: str) -> None:
    key_text = key(1).to_text()
    error = refused(lambda: hazmat.keyring_from_text(text.replace("%s", key_text)))
    assert error.__context__ is None
    assert error.__cause__ is None
    assert MARK not in str(error) + repr(error) + repr(vars(error))


def test_debugging_forms() -> None:
    secret = derive(key(1), b"E", CONTEXT)
    opened = UNSEALER.unseal(SEALER.seal(SECRET.encode(), ttl=9, now=NOW), now=NOW)
    things = [key(1), Entry(key(1)), ring(1, 2), secret, opened, SEALER, UNSEALER, SIGNER, VERIFIER]
    shown = repr(things) + "".join(map(str, things)) + repr(SEALER._ring)
    for hidden in (MARK, repr(key(1).to_bytes())[2:-1], SECRET, secret.working_key.hex()):
        assert hidden not in shown
    assert repr(secret.working_key)[2:-1] not in shown
    assert repr(ring(1, 2)) == "Keyring(2 entries)"


def test_codes_are_those_of_the_table() -> None:
    """[CODE-01]; each has a text, and texts survive copying between processes."""
    for name in errors.MESSAGES:
        for error in (CretulaError(name), InvalidKeyring(name, 3)):
            for same in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
                assert (same.code, str(same)) == (name, str(error))
    assert str(InvalidKeyring("key_zero", 3)).endswith("(entry 3)")


def test_key_is_refused_everywhere_but_in_hazmat() -> None:
    assert code(Key.from_bytes, key(1).to_bytes()) == "key_test"
    assert code(Key.from_text, key(1).to_text()) == "key_test"
    assert code(Keyring.from_text, key(1).to_text()) == "key_test"
