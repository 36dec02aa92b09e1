"""Who gets which answer from which route: generated from the OpenAPI document, for every credential there is.

The document says which right a route asks for; the table below says the same a second time, so that neither can
change alone, and which rights each credential has.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from tests.journey.people import add, enter
from tests.journey.server import Server, unique

REPEATED = re.compile(r"/export\.|^/api/insights/\w+/(events|sessions)$")
"""What is answered as something else is: a file as its answer, lists as that of people."""
EXTENT = pytest.mark.parametrize(
    "all_of_them", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["each question", "each file and list too"]
)

QUESTIONS: dict[str, Any] = {
    "POST /api/insights/trend": {"series": [{"event": "*", "measure": "count"}], "interval": "day"},
    "POST /api/insights/funnel": {"steps": [{"event": "a"}, {"event": "b"}]},
    "POST /api/insights/paths": {"by": "event"},
    "POST /api/insights/overview": {"compare": None},
    "POST /api/insights/retention": {"from": "2026-03-02", "to": "2026-03-04"},
    "POST /api/insights/lifecycle": {"from": "2026-03-02", "to": "2026-03-04"},
    "POST /api/insights/stickiness": {},
    "POST /api/insights/sessions": {"by": "page"},
    "POST /api/insights/dwell": {"by": "component"},
    "POST /api/insights/components": {"sort": "visits"},
}
NUMBERS: dict[str, Any] = {
    "POST /api/insights/trend": {"series": 0},
    "POST /api/insights/funnel": {"step": 1},
    "POST /api/insights/retention": {"cohort": "2026-03-02", "period": 1},
    "POST /api/insights/lifecycle": {"state": "new", "bucket": "2026-03-02"},
    "POST /api/insights/stickiness": {"exactly": 1},
    "POST /api/insights/paths": {},
    "POST /api/insights/overview": {"tile": "people"},
    "POST /api/insights/sessions": {"bounced": True},
    "POST /api/insights/dwell": {"row": "a"},
    "POST /api/insights/components": {"row": "a"},
}
"""One number of each."""
FILES = {f"{name}/export.{form}": body for name, body in QUESTIONS.items() for form in ("csv", "json", "parquet")}
LISTS = {
    f"{name}/{unit}{file}": body | {"pointer": NUMBERS[name]}
    for name, body in QUESTIONS.items()
    for unit in ("people", "events", "sessions")
    for file in ("", "/export.csv", "/export.json", "/export.parquet")
}
RIGHTS = {
    **dict.fromkeys((*QUESTIONS, *FILES), "stats"),
    **dict.fromkeys(LISTS, "read"),
    "GET /api/people": "read",
    "GET /api/people/{person}": "read",
    "GET /api/people/{person}/events": "read",
    "GET /api/people/{person}/sessions": "read",
    "GET /api/people/proposals": "read",
    "GET /api/people/merges": "read",
    "POST /api/people/merge": "admin",
    "POST /api/people/unmerge": "admin",
    "POST /api/events/collect": "write",
    "POST /api/tracking": "write",
    "POST /api/analytics": "write",
    "GET /api/events/trend": "stats",
    "GET /api/events/funnel": "stats",
    "GET /api/tracking/stats": "stats",
    "GET /api/catalog/events": "stats",
    "GET /api/catalog/properties": "stats",
    "GET /api/catalog/values": "stats",
    "GET /api/ingest/status": "view",
    "GET /api/saved": "view",
    "POST /api/saved": "edit",
    "GET /api/saved/{saved_id}": "view",
    "PUT /api/saved/{saved_id}": "edit",
    "DELETE /api/saved/{saved_id}": "edit",
    "GET /api/boards": "view",
    "POST /api/boards": "edit",
    "GET /api/boards/{board_id}": "view",
    "GET /api/boards/{board_id}/answers": "view",
    "PUT /api/boards/{board_id}": "edit",
    "DELETE /api/boards/{board_id}": "edit",
    "GET /api/annotations": "view",
    "POST /api/annotations": "annotate",
    "DELETE /api/annotations/{annotation_id}": "edit",
    "GET /api/shares": "edit",
    "POST /api/shares": "edit",
    "DELETE /api/shares/{share}": "edit",
    "GET /api/shares/{share}": None,
    "POST /api/shares/{share}": None,
    "GET /api/projects": "view",
    "GET /api/projects/{project_id}": "view",
    "GET /api/events": "read",
    "GET /api/live": "read",
    "GET /api/events/export.jsonl": "read",
    "GET /api/events/export.csv": "read",
    "GET /api/events/export.parquet": "read",
    "POST /api/sql": "read",
    "GET /api/tracking": "read",
    "GET /api/tracking/export": "read",
    "GET /api/tracking/export.csv": "read",
    "GET /api/quarantine": "read",
    "GET /api/quarantine/groups": "view",
    "POST /api/quarantine/replay": "admin",
    "POST /api/quarantine/discard": "admin",
    "GET /api/plan": "view",
    "GET /api/plan/versions": "view",
    "PUT /api/plan": "admin",
    "POST /api/plan/check": "view",
    "GET /api/plan/drift": "view",
    "GET /api/plan/violations": "view",
    "GET /api/plan/draft": "read",
    "GET /api/reports": "view",
    "POST /api/reports": "edit",
    "POST /api/reports/preview": "view",
    "GET /api/reports/{report_id}": "view",
    "PUT /api/reports/{report_id}": "edit",
    "DELETE /api/reports/{report_id}": "edit",
    "POST /api/reports/{report_id}/send": "edit",
    "GET /api/reports/{report_id}/history": "view",
    "POST /api/events/alert-rules/evaluate": "stats",
    "POST /api/events/alert-rules/backtest": "read",
    "GET /api/events/alert-rules": "view",
    "POST /api/events/alert-rules": "edit",
    "GET /api/events/alert-rules/{rule_id}": "view",
    "PUT /api/events/alert-rules/{rule_id}": "edit",
    "DELETE /api/events/alert-rules/{rule_id}": "edit",
    "POST /api/events/alert-rules/{rule_id}/snooze": "edit",
    "POST /api/events/alert-rules/{rule_id}/backtest": "read",
    "POST /api/events/alert-rules/{rule_id}/test": "edit",
    "GET /api/events/alert-history": "view",
    "POST /api/events/alert-history/{alert_id}/acknowledge": "edit",
    "POST /api/events/alert-deliveries/{delivery_id}/retry": "edit",
    "POST /api/events/import": "admin",
    "GET /api/doctor": "admin",
    "GET /api/keys": "admin",
    "POST /api/keys": "admin",
    "POST /api/keys/{key_id}/rotate": "admin",
    "DELETE /api/keys/{key_id}": "admin",
    "PATCH /api/projects/{project_id}": "admin",
    "GET /api/users": "admin",
    "POST /api/users": "admin",
    "PATCH /api/users/{user_id}": "admin",
    "DELETE /api/users/{user_id}": "admin",
    "POST /api/users/{user_id}/link": "admin",
    "GET /api/audit": "admin",
    "POST /api/projects": "own",
    "DELETE /api/projects/{project_id}": "own",
    "POST /api/projects/{project_id}/restore": "own",
    "GET /api/me": None,
    "GET /healthz": None,
    "GET /readyz": None,
    "GET /metrics": None,
}
"""Route → the right that it asks for; None answers everybody."""

CREDENTIALS = {
    "nobody": set(),
    "write key": {"write"},
    "stats key": {"stats"},
    "read key": {"stats", "view", "read", "annotate"},
    "admin key": {"write", "stats", "view", "read", "annotate", "edit", "admin"},
    "viewer": {"stats", "view"},
    "analyst": {"stats", "view", "read", "annotate", "edit"},
    "admin": {"stats", "view", "read", "annotate", "edit", "admin"},
    "owner": {"stats", "view", "read", "annotate", "edit", "admin", "own"},
    "operator": {"write", "stats", "view", "read", "annotate", "edit", "admin", "own"},
}

PEOPLE = {"viewer", "analyst", "admin", "owner"}

SAVED = {"name": "saved", "kind": "trend", "question": {"series": [{"event": "*"}]}}
BODIES: dict[str, Any] = {
    **QUESTIONS,
    **FILES,
    **LISTS,
    "POST /api/keys": {"scope": "write"},
    "POST /api/saved": SAVED,
    "PUT /api/saved/{saved_id}": SAVED | {"version": 1},
    "POST /api/boards": {"name": "a board"},
    "PUT /api/boards/{board_id}": {"name": "a board", "version": 1},
    "POST /api/annotations": {"text": "something happened"},
    "POST /api/shares": {"saved": "saved_none"},
    "POST /api/shares/{share}": {"password": "wrong"},
    "POST /api/people/merge": {"user_id": "nobody", "into": "somebody"},
    "POST /api/people/unmerge": {"user_id": "nobody"},
    "POST /api/sql": {"query": "SELECT count() FROM events"},
    "PATCH /api/projects/{project_id}": {"name": "default"},
    "PATCH /api/users/{user_id}": {"role": "viewer"},
}
LIVE = "/api/live"
"""Its answer has no end."""
QUERIES = {"GET /api/events/funnel": {"steps": "a,b"}, "GET /api/catalog/values": {"property": "page"}}


class Route(NamedTuple):
    method: str
    path: str
    right: str | None
    for_people: bool
    """Whether a session is looked at; ingest paths never do."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def ask(
        self, client: httpx.Client, *, project: int | None = None, ids: dict[str, str] | None = None
    ) -> httpx.Response:
        """A request that could be answered with 2xx, were the ids in it there."""
        wanted = {"project_id": "1", "key_id": "key_none", "user_id": "user_none"} | (ids or {})
        body = BODIES.get(self.name, {"event": "rights"})
        if self.name == "POST /api/users":
            body = {"email": f"{unique('new')}@example.com", "role": "viewer"}
        if self.name == "POST /api/projects":
            body = {"name": unique("project")}
        if self.path.endswith("/rotate"):
            body = {}
        params = dict(QUERIES.get(self.name, {})) | ({} if project is None else {"project": str(project)})
        path = self.path.format_map(_Names(wanted))
        if self.path == LIVE:
            return overheard(client, path, params)
        return client.request(
            self.method,
            path,
            params=params,
            json=None if self.method in {"GET", "DELETE"} else body,
        )


def overheard(client: httpx.Client, path: str, params: dict[str, str]) -> httpx.Response:
    """The beginning of a feed: all that ever arrived, until nothing comes for a moment."""
    head = {"last-event-id": "0"}
    said = b""
    with client.stream("GET", path, params=params, headers=head, timeout=httpx.Timeout(60, read=1.5)) as answer:
        try:
            for chunk in answer.iter_bytes():
                said += chunk
        except httpx.ReadTimeout:
            pass
    return httpx.Response(answer.status_code, content=said)


class _Names(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "nothing"


def routes_of(server: Server) -> list[Route]:
    document = server.anybody.get("/api/openapi.json").json()
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            ways = operation["security"]
            rights = {word for way in ways for words in way.values() for word in words}
            assert len(rights) <= 1, (method, path)
            for_people = any("session" in way or way == {} for way in ways)
            found.append(Route(method.upper(), path, rights.pop() if rights else None, for_people))
    return found


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("guarded")) as opened:
        yield opened


@pytest.fixture(scope="module")
def callers(guarded: Server) -> Iterator[dict[str, httpx.Client]]:
    made = {f"{scope} key": guarded.client(guarded.make_key(scope)) for scope in ("write", "stats", "read", "admin")}
    people = {role: enter(guarded, add(guarded, role)) for role in PEOPLE}
    yield {"nobody": guarded.anybody, "operator": guarded.admin, **made, **people}
    for client in people.values():
        client.close()


def test_the_document_and_the_table_say_the_same(guarded: Server) -> None:
    assert {route.name: route.right for route in routes_of(guarded)} == RIGHTS


@EXTENT
@pytest.mark.parametrize("caller", CREDENTIALS)
def test_every_route_answers_whom_it_should_and_nobody_else(
    guarded: Server, callers: dict[str, httpx.Client], caller: str, all_of_them: bool
) -> None:
    """Every refusal, and of the answers one of each question."""
    is_person = caller in PEOPLE
    wrong: dict[str, int] = {}
    for route in routes_of(guarded):
        known = caller != "nobody" and (route.for_people or not is_person)
        may = route.right is None or (known and route.right in CREDENTIALS[caller])
        if may and not all_of_them and REPEATED.search(route.path):
            continue
        answer = route.ask(callers[caller]).status_code
        fits = answer < 500 and answer not in {401, 403} if may else answer == (403 if known else 401)
        if not fits:
            wrong[route.name] = answer
    assert wrong == {}
