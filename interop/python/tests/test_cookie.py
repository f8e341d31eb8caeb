"""What vectors do not show of a cookie's set-up, and of tokens that are no session (spec §20)."""

from __future__ import annotations

from typing import Any

import pytest

from cookie_support import (
    jar,
)
from cretula import (
    Context,
    Cookie,
    CookieTooLarge,
    Entry,
    Keyring,
    Previous,
    Sessions,
    TokenCookie,
    Unsealer,
    check_cookies,
)
from support import CONTEXT, NOW, code, key, ring
from test_secrecy import SECRET, everything, refused

ATTRIBUTES = "cookie_attributes"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"name": ""}, "cookie_name"),
        ({"name": "a" * 65}, "cookie_name"),
        ({"name": "a b"}, "cookie_name"),
        ({"name": "a\n"}, "cookie_name"),
        ({"name": "é"}, "cookie_name"),
        ({"name": "a=b"}, "cookie_name"),
        ({"name": "__host-a"}, "cookie_name"),
        ({"name": "__SECURE-a", "path": ""}, "cookie_name"),
        ({"name": "__HOST-a"}, "cookie_name"),
        ({"name": "__http-a"}, "cookie_name"),
        ({"name": "__HTTP-"}, "cookie_name"),
        ({"name": "__Host-http-a"}, "cookie_name"),
        ({"name": "__Host-HTTP-a"}, "cookie_name"),
        ({"name": "__host-Http-a"}, "cookie_name"),
        ({"name": "__host-http-"}, "cookie_name"),
        ({"path": ""}, "cookie_attributes"),
        ({"path": "a"}, "cookie_attributes"),
        ({"name": "a", "path": "/;"}, "cookie_attributes"),
        ({"name": "a", "path": "/\n"}, "cookie_attributes"),
        ({"name": "a", "path": "/ "}, "cookie_attributes"),
        ({"name": "a", "path": "/" + "a" * 1024}, "cookie_attributes"),
        ({"path": "/a"}, "cookie_attributes"),
        ({"domain": "shop.example"}, "cookie_attributes"),
        ({"name": "a", "domain": "shop.example"}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": ""}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": ".shop.example"}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": "shop..example"}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": "shöp.example"}, "cookie_attributes"),
        ({"name": "__Secure-a", "domain": "a" * 254}, "cookie_attributes"),
        ({"secure": False}, "cookie_attributes"),
        ({"name": "__Secure-a", "secure": False}, "cookie_attributes"),
        ({"name": "__Http-a", "secure": False}, "cookie_attributes"),
        ({"name": "__Host-a", "secure": False}, "cookie_attributes"),
        ({"name": "__Host-Http-a", "domain": "shop.example"}, "cookie_attributes"),
        ({"name": "__Host-Http-a", "path": "/a"}, "cookie_attributes"),
        ({"name": "__Http-a", "large": True}, "cookie_attributes"),
        ({"name": "__Secure-a", "large": True}, "cookie_attributes"),
        ({"name": "__Host-Http-a", "previous": [Previous(domain="a")]}, "cookie_attributes"),
        ({"name": "__Host-Http-a", "previous": [Previous(path="/a")]}, "cookie_attributes"),
        ({"name": "__Http-a", "previous": [Previous(domain="a;")]}, "cookie_attributes"),
        ({"name": "a", "secure": False, "same_site": "None"}, "cookie_attributes"),
        ({"name": "a", "secure": False, "partitioned": True}, "cookie_attributes"),
        ({"same_site": "lax"}, "cookie_attributes"),
        ({"name": "a", "large": True}, "cookie_attributes"),
        ({"previous": [Previous()]}, "cookie_attributes"),
        ({"previous": [Previous(path="/a")]}, "cookie_attributes"),
        ({"name": "__Secure-a", "previous": [Previous(domain="a;")]}, "cookie_attributes"),
        ({"previous": [Previous(partitioned=True)] * 2}, "cookie_attributes"),
        ({"name": "a", "previous": [Previous("/a"), Previous("/b"), Previous("/a")]}, ATTRIBUTES),
        (
            {"name": "__Secure-a", "previous": [Previous(domain="a"), Previous(domain="A")]},
            ATTRIBUTES,
        ),
        (
            {"name": "__Secure-a", "domain": "Ab.c", "previous": [Previous(domain="aB.c")]},
            ATTRIBUTES,
        ),
    ],
)
def test_cookies_refused(settings: dict[str, Any], expected: str) -> None:
    assert code(Cookie, **settings) == expected


@pytest.mark.parametrize(
    "settings",
    [
        {"name": "!#$%&'*+-.^_`|~09AZaz"},
        {"name": "a" * 64},
        {"name": "__Hostile", "path": "/" + "~" * 1023},
        {"name": "__Secure-a", "domain": "a" * 253, "same_site": "None", "partitioned": True},
        {"name": "dev", "secure": False},
        {"name": "__Host-httpx", "large": True},
        {"name": "__Host-Http-", "large": True},
        {"name": "__Httpx", "path": "/a"},
        {"name": "__Http-a", "path": "/a", "domain": "shop.example"},
        {"name": "__Http-a", "previous": [Previous("/a", "shop.example", True)]},
        {"previous": [Previous(partitioned=True)], "large": True},
        {"name": "a", "path": "/a", "previous": [Previous("/A"), Previous("/"), Previous("/a/")]},
        {"name": "__Secure-a", "domain": "a.b", "previous": [Previous(domain="A.B", path="/a")]},
    ],
)
def test_cookies_accepted(settings: dict[str, Any]) -> None:
    cookie = Cookie(**settings)
    assert cookie.expire().startswith(f"{cookie.name}=; Path={cookie.path}; ")
    assert hash(cookie) == hash(Cookie(**settings))


def test_cookie_of_wrong_types() -> None:
    for settings in ({"name": 1}, {"path": None}, {"domain": 5}, {"same_site": None}):
        with pytest.raises(TypeError):
            Cookie(**settings)


def test_default_name() -> None:
    assert Cookie().name == "__Host-Http-session"
    assert Sessions(ring(1), CONTEXT).cookie == Cookie()


def test_clashes() -> None:
    """[COOK-03]"""
    a, b = Cookie(name="a"), Cookie(name="b")
    check_cookies([("p", a), ("q", b)])
    check_cookies([("p", a), ("q", Cookie(name="A"))])
    check_cookies([("p", a), ("q", Cookie(name="a.2"))])
    for pairs in (
        [("p", a), ("p", b)],
        [("p", a), ("q", Cookie(name="a"))],
        [("p", Cookie(name="a.1")), ("q", a)],
        [("p", a), ("q", b), ("r", Cookie(name="b.end"))],
    ):
        assert code(check_cookies, pairs) == "cookie_clash"


# Tokens that are no session


def test_token_cookie() -> None:
    context = Context("shop.example", "return-url")
    settings = Cookie(name="__Host-return")
    both = TokenCookie(ring(1), context, settings, max_age=60, ttl=300)
    (name, line), caching = both.write(b"/basket", now=NOW)
    assert (name, caching) == ("Set-Cookie", ("Cache-Control", "no-store"))
    assert line.endswith("; Path=/; Max-Age=300; Secure; HttpOnly; SameSite=Lax")
    assert both.expire() == [("Set-Cookie", settings.expire()), ("Cache-Control", "no-store")]
    field = jar([line])
    assert both.read([b"a=b", field], now=NOW).payload == b"/basket"
    token = field.split(b"=")[1]
    assert Unsealer(ring(1), context).unseal(token, now=NOW).ttl == 300
    assert code(both.read, [], now=NOW) == "absent"
    assert code(both.read, [field], now=NOW + 60) == "expired"
    assert code(both.read, [field[:-1]], now=NOW) in ("encoding", "auth_failed")
    assert code(both.read, [field, jar([both.write(b"", now=NOW)[0][1]])], now=NOW) == ("ambiguous")
    too_large = refused(lambda: both.write(b"x" * 4000, now=NOW))
    assert isinstance(too_large, CookieTooLarge)
    assert (too_large.over, too_large.largest) == (13 + 5447 - 4096, None)
    # clock_range, then cookie_too_large, then the rest of §9.
    assert code(both.write, b"x" * 4000, now=-1) == "clock_range"
    assert code(both.write, b"x" * 4000, now=NOW) == "cookie_too_large"
    for ttl in (-1, 0, 34_560_001):
        assert code(TokenCookie, ring(1), context, settings, ttl=ttl) == "ttl_range"
    none = Keyring([Entry(key(1), seal_from=NOW + 1)])
    keyless = TokenCookie(none, context, settings, ttl=60)
    assert code(keyless.write, b"x" * 4000, now=NOW) == "cookie_too_large"
    assert code(keyless.write, b"", now=NOW) == "no_sealing_key"
    both.replace_keyring(ring(2))
    assert code(both.read, [field], now=NOW) == "unknown_key"
    with pytest.raises(TypeError):
        TokenCookie(ring(1), context, "a", ttl=60)  # type: ignore[arg-type]


def test_token_cookie_is_one_cookie() -> None:
    for settings in (Cookie(large=True), Cookie(previous=[Previous(partitioned=True)])):
        assert code(TokenCookie, ring(1), CONTEXT, settings, ttl=60) == "cookie_attributes"
        # The cookie's fault first.
        assert (
            code(TokenCookie, ring(1), CONTEXT, settings, leeway=-1, ttl=60) == "cookie_attributes"
        )


def test_payload_of_a_dead_token_cookie() -> None:
    both = TokenCookie(ring(1), CONTEXT, Cookie(), ttl=9)
    field = jar([both.write(SECRET.encode(), now=NOW)[0][1]])
    error = refused(lambda: both.read([field], now=NOW + 9))
    assert error.code == "expired"
    assert not any(SECRET in text for text in everything(error))
