import os

from flask import Flask, redirect, request
from werkzeug import Response

from cretula import Opening, Session, Site
from cretula.wsgi import SessionMiddleware, session_of

site = Site.watching(os.environ["CRETULA_KEYS"], "shop.example")  # a refused keyring stops it here
sessions = site.sessions()
generations = {"ada": 7}  # in the row of the user; 1 more at "sign off everywhere"


def check(opening: Opening) -> Session:
    return opening.checked(generations.get(opening.sub or ""))


app = Flask(__name__)
app.wsgi_app = SessionMiddleware(app.wsgi_app, sessions, check=check, same_site_posts=True)


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
