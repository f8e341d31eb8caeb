import os

from fastapi import FastAPI, WebSocket
from fastapi.responses import PlainTextResponse, RedirectResponse

from cretula import Opening, Session, Site
from cretula.asgi import SessionMiddleware
from cretula.fastapi import CurrentSession

site = Site.watching(os.environ["CRETULA_KEYS"], "shop.example")  # a refused keyring stops it here
sessions = site.sessions()
generations = {"ada": 7}  # in the row of the user; 1 more at "sign off everywhere"


async def check(opening: Opening) -> Session:  # async, since it may ask a database
    return opening.checked(generations.get(opening.sub or ""))


app = FastAPI()
app.add_middleware(SessionMiddleware, sessions=sessions, check=check, same_site_posts=True)


@app.get("/", response_class=PlainTextResponse)
async def page(session: CurrentSession) -> str:
    session.data["visits"] = session.data.get("visits", 0) + 1
    return f"{session.sub or 'guest'}, visit {session.data['visits']}\n"


@app.post("/sign-on")  # after the password was right
async def sign_on(session: CurrentSession) -> RedirectResponse:
    session.sign_on("ada", generations["ada"], keep=["visits"])
    return RedirectResponse("/", 303)


@app.post("/sign-off")
async def sign_off(session: CurrentSession) -> RedirectResponse:
    session.sign_off()
    return RedirectResponse("/", 303)


@app.websocket("/live")
async def live(socket: WebSocket, session: CurrentSession) -> None:  # to be read, not changed
    await socket.accept()
    await socket.send_text(session.sub or "guest")
    await socket.close()
