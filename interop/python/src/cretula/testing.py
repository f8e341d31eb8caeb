"""For the tests of an application: requests of somebody who is signed on.

cookie = signed_on(sessions, "ada", 7, {"theme": "dark"})
client.get("/", headers={"Cookie": cookie})

A test client on http:// drops the Secure cookie of a response, as browsers do. Give it an https://
base URL, or send the header.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .binding import Sessions


def signed_on(sessions: Sessions, sub: str, gen: int, data: Mapping[str, Any] | None = None) -> str:
    """The value of a Cookie header with a new session of this user.

    Raises as sign_on() and commit() do.
    """
    session = sessions.open([]).checked(None)
    session.sign_on(sub, gen)
    session.data = dict(data or {})
    lines = [value for name, value in sessions.commit(session).headers if name == "Set-Cookie"]
    return "; ".join(line.partition(";")[0] for line in lines)
