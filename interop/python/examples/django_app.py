import os

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_POST

from cretula import Opening, Session, Site
from cretula.wsgi import SessionMiddleware, session_of

# A project has these in its settings.py. Leave out SessionMiddleware and CsrfViewMiddleware of
# Django: the session is in `environ`, and same_site_posts refuses posts from other sites.
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY=os.urandom(32))

site = Site.watching(os.environ["CRETULA_KEYS"], "shop.example")  # a refused keyring stops it here
sessions = site.sessions()
generations = {"ada": 7}  # in the row of the user; 1 more at "sign off everywhere"


def check(opening: Opening) -> Session:
    return opening.checked(generations.get(opening.sub or ""))


# In wsgi.py. In asgi.py the same with cretula.asgi and get_asgi_application(), and request.scope in
# the place of request.environ.
app = SessionMiddleware(get_wsgi_application(), sessions, check=check, same_site_posts=True)


def page(request: WSGIRequest) -> HttpResponse:
    session = session_of(request.environ)
    session.data["visits"] = session.data.get("visits", 0) + 1
    text = f"{session.sub or 'guest'}, visit {session.data['visits']}\n"
    return HttpResponse(text, content_type="text/plain")


@require_POST
def sign_on(request: WSGIRequest) -> HttpResponse:  # after the password was right
    session_of(request.environ).sign_on("ada", generations["ada"], keep=["visits"])
    return HttpResponseRedirect("/", status=303)


@require_POST
def sign_off(request: WSGIRequest) -> HttpResponse:
    session_of(request.environ).sign_off()
    return HttpResponseRedirect("/", status=303)


urlpatterns = [path("", page), path("sign-on", sign_on), path("sign-off", sign_off)]
