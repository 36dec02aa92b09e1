"""What the ASGI middleware tells of requests of real frameworks, and what it leaves alone."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, get
from litestar.params import FromPath
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, SimpleUser
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from footfall_client import Footfall
from footfall_client.asgi import FootfallMiddleware

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def told() -> Any:
    return Footfall.recording()


async def ask(app: Any, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://shop.example") as client:
        return await client.request(method, path, headers=headers)


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"hello {request.path_params.get('name', '')}")


async def broken(_: Request) -> PlainTextResponse:
    raise LookupError("a secret of somebody")


async def drip(_: Request) -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"a", b"b"):
            await asyncio.sleep(0.05)
            yield piece

    return StreamingResponse(pieces(), status_code=202)


@pytest.fixture
def shop(told: Any) -> FootfallMiddleware:
    inner = Starlette(
        routes=[
            Route("/people/{name}", hello, methods=["GET", "POST"]),
            Route("/broken", broken),
            Route("/drip", drip),
            Route("/healthz", hello),
            Route("/internal/queue", hello),
            Mount("/of/{tenant}", routes=[Route("/{name}", hello)]),
        ]
    )
    return FootfallMiddleware(inner, told, exclude=("/internal/",))


async def test_a_request_is_told_without_what_it_holds(shop: FootfallMiddleware, told: Any) -> None:
    answer = await ask(
        shop, "/people/ada?token=hunter2", "POST", **{
            "user-agent": "Mozilla/5.0 Firefox/143.0", "referer": "https://news.example/today?mail=ada@example.org",
            "x-request-id": "req-1", "cookie": "session=hunter2", "authorization": "Bearer hunter2",
        },
    )  # fmt: skip
    assert answer.text == "hello ada"
    (event,) = told.events
    duration = event["properties"].pop("duration_ms")
    assert 0 <= duration < 5000
    assert event["event"] == "http_request"
    assert event["properties"] == {"method": "POST", "path": "/people/{name}", "status": 200, "request_id": "req-1"}
    assert event["user_agent"] == "Mozilla/5.0 Firefox/143.0"
    assert event["referrer"] == "https://news.example/today"
    assert "user_id" not in event
    assert "hunter2" not in str(event)
    assert "ada" not in str(event)


async def test_the_request_id_goes_back_and_one_that_could_do_harm_does_not(
    shop: FootfallMiddleware, told: Any
) -> None:
    assert (await ask(shop, "/people/a", **{"x-request-id": "abc"})).headers["x-request-id"] == "abc"
    made = (await ask(shop, "/people/a", **{"x-request-id": "no good; <script>"})).headers["x-request-id"]
    assert len(made) == 32
    assert told.events[1]["properties"]["request_id"] == made


@pytest.mark.parametrize("path", ["/healthz", "/internal/queue", "/static/app.js", "/favicon.ico"])
async def test_excluded_paths_are_not_told(shop: FootfallMiddleware, told: Any, path: str) -> None:
    await ask(shop, path)
    assert told.events == []


async def test_what_an_application_raises_goes_on_and_is_a_500(told: Any) -> None:
    async def raising(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise LookupError("a secret of somebody")

    with pytest.raises(LookupError, match="a secret of somebody"):
        await httpx.AsyncClient(
            transport=httpx.ASGITransport(FootfallMiddleware(raising, told)), base_url="https://shop.example"
        ).get("/x")
    (event,) = told.events
    assert event["properties"]["status"] == 500
    assert "secret" not in str(event)


async def test_an_error_that_the_framework_answers_is_a_500_too(shop: FootfallMiddleware, told: Any) -> None:
    assert (await ask(shop, "/broken")).status_code == 500
    assert [one["properties"]["status"] for one in told.events] == [500]


async def test_who_leaves_early_is_no_error_of_the_application(told: Any) -> None:
    async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(60)

    task = asyncio.create_task(ask(FootfallMiddleware(slow, told), "/slow"))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [one["properties"]["status"] for one in told.events] == [499]


async def test_a_stream_is_told_when_its_last_byte_is_sent(shop: FootfallMiddleware, told: Any) -> None:
    await ask(shop, "/drip")
    (event,) = told.events
    assert event["properties"]["status"] == 202
    assert event["properties"]["duration_ms"] >= 90


async def test_an_unknown_path_that_was_refused_is_not_repeated(shop: FootfallMiddleware, told: Any) -> None:
    await ask(shop, "/wp-admin/ada@example.org")
    (event,) = told.events
    assert event["properties"]["status"] == 404
    assert event["properties"]["path"] is None


async def test_mounted_routes_have_their_whole_template(shop: FootfallMiddleware, told: Any) -> None:
    await ask(shop, "/of/acme/ada")
    assert told.events[0]["properties"]["path"] == "/of/{tenant}/{name}"


async def test_somebody_who_is_signed_in_is_named(told: Any) -> None:
    class Ada(SimpleUser):
        id = 42

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["user"], scope["auth"] = Ada("ada"), AuthCredentials(["authenticated"])
        await PlainTextResponse("hello")(scope, receive, send)

    await ask(FootfallMiddleware(app, told), "/")
    await ask(FootfallMiddleware(app, told, user=lambda scope: f"org-{scope['user'].id}"), "/")
    assert [one["user_id"] for one in told.events] == ["42", "org-42"]


async def test_a_user_that_cannot_be_told_costs_the_event_and_not_the_answer(told: Any) -> None:
    def fails(_scope: Any) -> str:
        raise LookupError

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("hello")(scope, receive, send)

    assert (await ask(FootfallMiddleware(app, told, user=fails), "/")).text == "hello"


async def test_litestar_has_templates_of_its_own(told: Any) -> None:
    @get("/orders/{order_id:int}")
    async def order(order_id: FromPath[int]) -> str:
        return str(order_id)

    app = FootfallMiddleware(Litestar([order], openapi_config=None), told)
    assert (await ask(app, "/orders/7")).text == "7"
    assert told.events[0]["properties"]["path"] == "/orders/{order_id}"


async def test_websockets_and_lifespans_pass_through(told: Any) -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    middleware = FootfallMiddleware(app, told)
    for kind in ("lifespan", "websocket"):
        await middleware({"type": kind, "path": "/"}, _nothing, _nothing)
    assert seen == ["lifespan", "websocket"]
    assert told.events == []


async def _nothing(*_: Any) -> Any:
    return None


async def test_it_is_added_as_frameworks_add_middleware(told: Any) -> None:
    app = Starlette(routes=[Route("/people/{name}", hello)], middleware=[Middleware(FootfallMiddleware, client=told)])
    assert (await ask(app, "/people/ada")).text == "hello ada"
    assert told.names == ["http_request"]
