"""`GET /api/live`: the live feed as server-sent events (HTML, "Server-sent events").

A message is an event as `GET /api/events` shows it. Its `id` is its place in the order of arrival, which a client
brings back as `Last-Event-ID`: what it missed comes first. `event: gap` says how much of that is left out. A comment
every 15 seconds keeps proxies from closing the line; with it goes the place reached, so that a feed whose filters let
nothing through is resumed as well.

Who was let in is asked again now and then: a key that is revoked, a session that ends or a role that is taken away ends
the feed. So does a client that takes nothing for a minute; when it comes back, it goes on where it was.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from footfall.http.auth import admit, grant_of
from footfall.http.fields import EventNames, FilterText, filters_of, shown
from footfall.http.problems import PROBLEMS
from footfall.http.services import context_of, services_of
from footfall.insights import events
from footfall.model.errors import BadRequest, FootfallError
from footfall.services.live import Happened, Live, Missed, News, Quiet

Req = Request[Any, Any, State]

REVIEW = 15.0
"""Seconds between two looks at who is listening."""
TAKES = 60.0
"""Seconds in which a client takes a message at least."""
COMES_BACK_MS = 2000
"""When a client whose feed ended should connect again."""
_HEAD = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # nginx would hold messages back
]
_LONGEST_ID = 19


@get(
    "/api/live",
    opt={"scope": "read"},
    responses={
        **PROBLEMS,
        200: ResponseSpec(
            str, description="Messages, one an event, for as long as the client listens.",
            media_type="text/event-stream", generate_examples=False,
        ),
    },
    tags=["Numbers out"],
)  # fmt: skip
async def live(
    request: Req,
    event: EventNames = None,
    user_id: str | None = None,
    anonymous_id: str | None = None,
    session_id: str | None = None,
    wanted: FilterText = None,
    last: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", description="The `id` of the last message that arrived.")
    ] = None,
) -> ASGIResponse:
    """Events as they arrive, bots included, as server-sent events; what was missed since `Last-Event-ID` first."""
    services = services_of(request)
    asked = events.Choice(
        events=tuple(event or ()),
        filters=filters_of(wanted, user_id=user_id, anonymous_id=anonymous_id, session_id=session_id),
    )
    grant = grant_of(request)
    context = context_of(services, grant.project_id)
    place = _place(last)
    await services.analyst.check(asked, context)
    return _Feed(request, services.live, grant.actor, services.live.follow(asked, context, place))


def _place(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID):
        raise BadRequest(
            "Last-Event-ID is the id of a message of this feed, which is a number.", path="$.last-event-id"
        )
    return int(text)


class _Feed(ASGIResponse):
    """An answer that goes on until somebody ends it."""

    def __init__(self, request: Req, live: Live, whose: str, news: AsyncGenerator[News, None]) -> None:
        super().__init__()
        self._request = request
        self._live = live
        self._whose = whose
        self._news = news

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        with self._live.listening(self._whose):
            await send({"type": "http.response.start", "status": 200, "headers": _HEAD})
            try:
                async with aclosing(self._messages()) as messages:
                    async for message in messages:
                        async with asyncio.timeout(TAKES):
                            await send({"type": "http.response.body", "body": message, "more_body": True})
            except TimeoutError:
                return  # without an end, so that the connection is closed
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _messages(self) -> AsyncGenerator[bytes, None]:
        """Raises nothing: once a feed has begun, what ends it is a comment."""
        loop = asyncio.get_running_loop()
        reviewed = loop.time()
        yield b"retry: %d\n\n" % COMES_BACK_MS
        try:
            async with aclosing(self._news) as feed:
                async for news in feed:
                    if loop.time() - reviewed >= REVIEW:
                        await admit(self._request, "read")
                        reviewed = loop.time()
                    yield _ENCODED[type(news)](news)
        except FootfallError as error:
            yield _comment(error.detail)


def _happened(news: Happened) -> bytes:
    return _message(news.place, msgspec.json.encode(news.event))


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """`event: gap`: how many events were left out, and the range of their times."""

    missed: int | None
    first: str | None
    last: str | None


def _missed(news: Missed) -> bytes:
    gap = Gap(missed=news.missed, first=shown(news.first), last=shown(news.last))
    return b"event: gap\n" + _message(news.place, msgspec.json.encode(gap))


def _quiet(news: Quiet) -> bytes:
    # No data, so nobody is told of a message; the place counts all the same.
    return _comment(news.why or "nothing new") + b"id: %d\n\n" % news.place


def _message(place: int, data: bytes) -> bytes:
    # What was sent may have lines: they can be between two tokens of its JSON, and nowhere else.
    lines = data.splitlines()
    return b"id: %d\n" % place + b"".join(b"data: %b\n" % line for line in lines) + b"\n"


def _comment(text: str) -> bytes:
    return f": {' '.join(text.split())}\n".encode()


_ENCODED: dict[type[News], Any] = {Happened: _happened, Missed: _missed, Quiet: _quiet}

HANDLERS = [live]
