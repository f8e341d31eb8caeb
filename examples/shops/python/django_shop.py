"""The small shop on Django 5, in one file: a project has its parts in several."""

import logging
import os
import re
import socket
from contextlib import suppress

import uvicorn
from cretula import CookieCommit, CookieTooLarge, InvalidToken, Opening, Session, Site
from cretula.asgi import SessionMiddleware, cookie_fields, session_of
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_POST

logging.basicConfig(level=logging.INFO)
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY=os.urandom(32))
users = {"ada": 1}  # your table: the session generation of each user

# [set-up]
site = Site.watching(os.environ["KEYS"], "shop.example", every=1)
denied = {}  # the deny-list: a session ID, and until when to keep it


def check(opening: Opening) -> Session:
    if opening.sid in denied or (opening.sub and opening.sub not in users):
        opening.deny()
    return opening.checked(users.get(opening.sub))


def on_commit(commit: CookieCommit) -> None:
    denied.update((ended.sid, ended.end) for ended in commit.ended)


# [/]
# [too-large]
def page(error: Exception, status: int) -> str | tuple[int, str]:
    if isinstance(error, CookieTooLarge):
        return 413, f"{error.largest}: {error.over} octets too many\n"
    return "try again in a moment\n"


# [/]
# [set-up]
hooks = {"check": check, "on_commit": on_commit, "page": page}
application = SessionMiddleware(
    get_asgi_application(), site.sessions(), **hooks, same_site_posts=True
)
# [/]
# [return-url]
return_url = site.cookie("return-url", ttl=600)
# [/]


def text(page: str, status: int = 200) -> HttpResponse:
    return HttpResponse(page, status=status, content_type="text/plain")


def to(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=303)


def home(request: HttpRequest) -> HttpResponse:
    session = session_of(request.scope)
    items = ", ".join(session.data.get("basket", []))
    lines = [f"user: {session.sub or 'guest'}", f"basket: {items}"]
    # [flash]
    lines += [f"message: {message}" for message in session.take_flash("info")]
    # [/]
    return text("\n".join([*lines, ""]))


def account(request: HttpRequest) -> HttpResponse:
    sub = session_of(request.scope).sub
    if sub:
        return text(f"account of {sub}\n")
    # [return-url]
    return with_headers(to("/sign-on"), return_url.write(b"/account"))
    # [/]


def sign_on(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return text("please sign on\n")
    sub, url = request.POST.get("sub"), "/"
    if sub not in users:
        return text("no such user\n", 403)  # the password would be looked at here
    session = session_of(request.scope)
    # [sign-on]
    session.sign_on(sub, users[sub], keep=["basket"])
    # [/]
    # [flash]
    session.flash("info", f"Welcome, {sub}")
    # [/]
    # [return-url]
    with suppress(InvalidToken):  # none, or it is over
        url = return_url.read(cookie_fields(request.scope)).payload.decode()
    return with_headers(to(url if re.match(r"/(?![/\\])", url) else "/"), return_url.expire())
    # [/]


@require_POST
def basket(request: HttpRequest) -> HttpResponse:
    session = session_of(request.scope)
    session.data.setdefault("basket", []).append(request.POST.get("item"))
    return to("/")


@require_POST
def sign_off(request: HttpRequest) -> HttpResponse:
    # [sign-on]
    session_of(request.scope).sign_off()
    # [/]
    return to("/")


@require_POST
def sign_off_everywhere(request: HttpRequest) -> HttpResponse:
    session = session_of(request.scope)
    if session.sub:
        # [sign-on]
        users[session.sub] += 1
        session.sign_off()
        # [/]
    return to("/")


# [return-url]
def with_headers(response: HttpResponse, headers: list[tuple[str, str]]) -> HttpResponse:
    for name, value in headers:
        response.headers[name] = value
    return response


# [/]
urlpatterns = [
    path("", home),
    path("account", account),
    path("sign-on", sign_on),
    path("basket", basket),
    path("sign-off", sign_off),
    path("sign-off-everywhere", sign_off_everywhere),
]

if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server = uvicorn.Config(application, log_level="warning", lifespan="off")
    uvicorn.Server(server).run([listener])
