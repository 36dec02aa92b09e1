"""What Django's middleware tells, of views of both colours, in a program of its own: settings are made once."""

import json
from typing import Any

import pytest

from tests.client.programs import run

SITE = """
import asyncio, json, sys
import django
from django.conf import settings
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import path

settings.configure(
    SECRET_KEY="k", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, DEBUG=False,
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    MIDDLEWARE=[
        "footfall_client.django.FootfallMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    {setting}
)
django.setup()

import footfall_client.client as client
told = client.Recording(**{options})
import footfall_client.django as middleware
middleware.analytics = told

def order(request, number):
    return HttpResponse(f"{{number}} {{request.request_id}}")

async def later(request):
    return HttpResponse("later", status=202)

def broken(request):
    raise LookupError("a secret of somebody")

def mine(request):
    return HttpResponse(request.user.get_username())

def quiet(request):
    return HttpResponse("nobody asked who")

urlpatterns = [
    path("orders/<int:number>", order), path("later", later), path("broken", broken), path("mine", mine),
    path("quiet", quiet), path("internal/queue", quiet), path("healthz", quiet),
]

def say():
    print(json.dumps(told.events))
"""


def site(program: str, setting: str = "", options: str = "{}") -> list[dict[str, Any]]:
    told = json.loads(run(SITE.format(setting=setting, options=options) + program))
    for event in told:
        assert event["event"] == "http_request"
        assert event["properties"].pop("duration_ms") >= 0
    return told


def test_a_view_is_told_by_its_route() -> None:
    (event,) = site("""
answer = Client().get("/orders/7?token=hunter2", headers={"x-request-id": "req-1", "user-agent": "Firefox",
    "referer": "https://news.example/a?b=c"})
assert answer.content == b"7 req-1" and answer.headers["X-Request-ID"] == "req-1"
say()
""")
    assert event["properties"] == {
        "method": "GET", "path": "/orders/<int:number>", "status": 200, "request_id": "req-1",
    }  # fmt: skip
    assert (event["user_agent"], event["referrer"]) == ("Firefox", "https://news.example/a")
    assert "user_id" not in event
    assert "hunter2" not in str(event)


def test_asynchronous_views_and_handlers_are_told_too() -> None:
    both = site("""
Client().get("/later")
asyncio.run(AsyncClient().get("/later"))
say()
""")
    assert [(one["properties"]["path"], one["properties"]["status"]) for one in both] == [("/later", 202)] * 2


def test_an_error_is_a_500_without_its_text() -> None:
    (event,) = site("""
assert Client(raise_request_exception=False).get("/broken").status_code == 500
say()
""")
    assert event["properties"]["status"] == 500
    assert "secret" not in str(event)


def test_who_was_asked_for_is_told_and_nobody_is_looked_up() -> None:
    mine, quiet = site("""
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
call_command("migrate", verbosity=0)
ada = User.objects.create_user("ada", "ada@example.org", "hunter2")
browser = Client()
browser.force_login(ada)
assert browser.get("/mine").content == b"ada"
with CaptureQueriesContext(connection) as queries:
    assert "Cookie" not in browser.get("/quiet").headers.get("Vary", "")
assert not queries.captured_queries
say()
""")
    assert mine["user_id"] == "1"
    assert "user_id" not in quiet
    assert "ada" not in str((mine, quiet))


@pytest.mark.parametrize("path", ["/healthz", "/internal/queue"])
def test_excluded_paths_are_not_told(path: str) -> None:
    assert site(f"Client().get({path!r})\nsay()", 'FOOTFALL={"exclude": ["/internal/"], "enabled": False}') == []


def test_the_setting_says_where_events_go_and_whose_requests_are() -> None:
    (event,) = site(
        """
Client().get("/quiet")
assert client.analytics._settings.url == "https://stats.example"
say()
""",
        'FOOTFALL={"url": "https://stats.example", "key": "k", "user": lambda request: "tenant-9"},',
    )
    assert event["user_id"] == "tenant-9"
