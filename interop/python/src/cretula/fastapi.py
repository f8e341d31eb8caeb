"""The session as an argument of FastAPI's handlers.

@app.get("/")
async def page(session: CurrentSession) -> str: ...

Needs FastAPI, which this package does not install. `CurrentSession` is the session of the purpose
`session`, in a request or a WebSocket; for another purpose write such a line yourself:

StaffSession = Annotated[Session, Depends(lambda: …)]
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from .asgi import session_of
from .session import Session

__all__ = ["CurrentSession"]


async def _current(connection: HTTPConnection) -> Session:
    return session_of(connection.scope)


CurrentSession = Annotated[Session, Depends(_current)]
