from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse

from cretula import Context, Keyring, Opening, Session, Sessions
from cretula.asgi import SessionMiddleware, session_of

ring = Keyring.from_env("CRETULA_KEYS")  # a refused ring stops the server here
sessions = Sessions(ring, Context(audience="shop.example", purpose="session"))
generations = {"ada": 7}  # in the row of the user; 1 more at "sign off everywhere"


async def check(opening: Opening) -> Session:  # async, since it may ask a database
    return opening.checked(generations.get(opening.sub or ""))


def current(request: Request) -> Session:
    return session_of(request.scope)


app = FastAPI()
app.add_middleware(SessionMiddleware, sessions=sessions, check=check)


@app.get("/", response_class=PlainTextResponse)
async def page(session: Annotated[Session, Depends(current)]) -> str:
    session.data["visits"] = session.data.get("visits", 0) + 1
    return f"{session.sub or 'guest'}, visit {session.data['visits']}\n"


@app.post("/sign-on")  # after the password was right
async def sign_on(session: Annotated[Session, Depends(current)]) -> RedirectResponse:
    session.sign_on("ada", generations["ada"], keep=["visits"])
    return RedirectResponse("/", 303)


@app.post("/sign-off")
async def sign_off(session: Annotated[Session, Depends(current)]) -> RedirectResponse:
    session.sign_off()
    return RedirectResponse("/", 303)
