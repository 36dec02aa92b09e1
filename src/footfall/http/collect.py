"""The doors for events: one handler made for each row of `ADAPTERS`.

Size → inflate → decode → key → spool. The 2xx is the line after the spool has it on disk. Content types are not
trusted (a beacon says `text/plain`), only what cannot be meant is refused.

Most requests are for these few paths and want nothing but their status, so those do not go through the framework's
router, its parameters and its responses (`Shortcut`, ADR 0016).
"""

from typing import Annotated, Any

import msgspec
from litestar import Litestar, Request, Response, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import Parameter
from litestar.types import ASGIApp, Receive, Scope, Send

from footfall.http.auth import admit_sender
from footfall.http.problems import PROBLEMS, problem_of
from footfall.http.services import Services, services_of
from footfall.model.errors import TooLarge, TooSlow, Unsupported
from footfall.model.event import Event, Receipt, Refused
from footfall.protocols import ADAPTERS, Adapter
from footfall.protocols.body import inflate
from footfall.services.ingest import Outcomes, outcomes_of
from footfall.settings import clock

Req = Request[Any, Any, State]

_MEANT = ("application/json", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded")


def ingest_handlers() -> list[HTTPRouteHandler]:
    return [_handler(adapter) for adapter in ADAPTERS]


def _handler(adapter: Adapter) -> HTTPRouteHandler:
    async def take(
        request: Req,
        verbose: Annotated[bool, Parameter(description="Answer 200 with what became of each event.")] = False,
    ) -> Response[Any]:
        taken = await _take(adapter, services_of(request), request.scope, request.receive)
        if verbose:
            return Response(outcomes_of(taken), status_code=200)
        return Response(adapter.accepted.body, status_code=adapter.accepted.status)

    return post(
        adapter.path,
        opt={"takes": adapter.scope},
        name=f"ingest_{adapter.name}",
        summary=adapter.summary,
        operation_id=f"ingest_{adapter.name}",
        tags=["Events in"],
        status_code=200,
        operation_class=_operation(adapter),
        responses={**_accepted(adapter), **PROBLEMS},
    )(take)


async def _take(adapter: Adapter, services: Services, scope: Any, receive: Receive) -> list[Event | Refused]:
    headers = _headers_of(scope)
    _check_content_type(headers.get("content-type", ""))
    sent = await _read(headers.get("content-length", ""), receive, adapter.max_bytes)
    body = inflate(sent, headers.get("content-encoding", ""), adapter.max_bytes)
    client = scope.get("client")
    receipt = Receipt(
        received_at=clock(services.settings),
        user_agent=headers.get("user-agent", ""),
        address=client[0] if client else "",  # the caller's, also behind a trusted proxy
        keeps_receipt=adapter.keeps_receipt,
    )
    batch = adapter.decode(body, receipt)
    grant = await admit_sender(scope, headers, services, adapter.scope, batch.key)
    return await services.ingest.take(batch, receipt, grant.project_id, adapter.name)


class Shortcut:
    """Around the application: answers who sends events and does not ask what became of each."""

    def __init__(self, app: Litestar, services: Services, otherwise: ASGIApp) -> None:
        """`otherwise` is what surrounds the application for every other request."""
        self._app = app
        self._services = services
        self._otherwise = otherwise
        # What needs more than a public key goes into the audit log, which is on the long way.
        public = [adapter for adapter in ADAPTERS if adapter.scope == "write"]
        self._doors = {adapter.path: (adapter, *_answer_of(adapter)) for adapter in public}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self._doors.get(scope["path"])
        if scope["type"] != "http" or door is None or scope["method"] != "POST" or b"verbose" in scope["query_string"]:
            await self._otherwise(scope, receive, send)
            return
        adapter, start, end = door
        try:
            await _take(adapter, self._services, scope, receive)
        except Exception as error:  # noqa: BLE001 - the table of problems has a row for each
            details: Any = scope
            details |= {"litestar_app": self._app, "path_params": {}, "path_template": adapter.path}
            request: Req = Request(scope, receive, send)
            await problem_of(request, error).to_asgi_response(None, request)(scope, receive, send)
            return
        await send(start.copy())
        await send(end)


def _answer_of(adapter: Adapter) -> tuple[Any, Any]:
    """What is sent when all of it is on disk."""
    body = adapter.accepted.body
    return (
        {
            "type": "http.response.start",
            "status": adapter.accepted.status,
            "headers": [] if body is None else [(b"content-type", b"application/json")],
        },
        {
            "type": "http.response.body",
            "body": b"" if body is None else msgspec.json.encode(body),
            "more_body": False,
        },
    )


def _accepted(adapter: Adapter) -> dict[int, ResponseSpec]:
    verbose = ResponseSpec(Outcomes, description="With ?verbose=1: what became of each event.", generate_examples=False)
    if adapter.accepted.body is None:
        return {
            200: verbose,
            adapter.accepted.status: ResponseSpec(None, description="All of it is on disk."),
        }
    return {
        adapter.accepted.status: ResponseSpec(
            dict[str, Any], description="All of it is on disk.", generate_examples=False
        )
    }


def _operation(adapter: Adapter) -> type[Operation]:
    body = RequestBody(
        required=True,
        content={
            "application/json": OpenAPIMediaType(
                schema=Schema(any_of=[Schema(type=OpenAPIType.OBJECT), Schema(type=OpenAPIType.ARRAY)]),
                examples={"event": Example(value=adapter.example)},
            )
        },
    )

    class IngestOperation(Operation):
        def __post_init__(self) -> None:
            self.request_body = body

    return IngestOperation


def _check_content_type(content_type: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in _MEANT and not kind.endswith("+json"):
        raise Unsupported(f"Content-Type “{kind[:60]}” holds no events; send JSON as application/json or text/plain.")


async def _read(announced: str, receive: Receive, limit: int) -> bytes:
    if announced.isdigit() and int(announced) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes.")
    pieces: list[bytes] = []  # joined once: a client may send very many small ones
    size = 0
    is_whole = False
    while not is_whole:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise TooSlow("The client left before its events had arrived.")
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        is_whole = not message.get("more_body", False)
        if size > limit:
            raise TooLarge(f"The body is larger than {limit} bytes.")
    return b"".join(pieces)


def _headers_of(scope: Scope) -> dict[str, str]:
    """The first of each name; encodings are one list, however many headers they are in (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        if key == "content-encoding" and key in found:
            found[key] += f", {text}"
        else:
            found.setdefault(key, text)
    return found
