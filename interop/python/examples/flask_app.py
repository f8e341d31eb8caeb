from flask import Flask, redirect, request
from werkzeug import Response

from cretula import Context, Keyring, Opening, Session, Sessions
from cretula.wsgi import SessionMiddleware, session_of

ring = Keyring.from_env("CRETULA_KEYS")  # a refused ring stops the server here
sessions = Sessions(ring, Context(audience="shop.example", purpose="session"))
generations = {"ada": 7}  # in the row of the user; 1 more at "sign off everywhere"


def check(opening: Opening) -> Session:
    return opening.checked(generations.get(opening.sub or ""))


app = Flask(__name__)
app.wsgi_app = SessionMiddleware(app.wsgi_app, sessions, check=check)


@app.get("/")
def page() -> str:
    session = session_of(request.environ)
    session.data["visits"] = session.data.get("visits", 0) + 1
    return f"{session.sub or 'guest'}, visit {session.data['visits']}\n"


@app.post("/sign-on")
def sign_on() -> Response:  # after the password was right
    session_of(request.environ).sign_on("ada", generations["ada"], keep=["visits"])
    return redirect("/", 303)


@app.post("/sign-off")
def sign_off() -> Response:
    session_of(request.environ).sign_off()
    return redirect("/", 303)
