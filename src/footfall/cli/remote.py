"""How a command reaches a server: by address, through the data folder, or by opening the folder itself.

Either way the command speaks HTTP to the same routes: over a socket, or into the application in this process.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import typer

from footfall.model.errors import BadRequest, FootfallError, NotFound, Position, Unavailable
from footfall.settings import Settings, from_environment
from footfall.stores.folder import running_server

DataOption = Annotated[
    Path, typer.Option("--data", envvar="FOOTFALL_DATA", help="Data folder of the server.", show_default=True)
]
UrlOption = Annotated[
    str | None, typer.Option("--url", envvar="FOOTFALL_URL", help="Address of a server, instead of a folder.")
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", envvar="FOOTFALL_ADMIN_KEY", help="Key for --url.", show_default=False),
]
ProjectOption = Annotated[
    int | None, typer.Option("--project", min=1, help="Number of the project (default: the first).")
]
DATA = Path("footfall-data")


@asynccontextmanager
async def connect(
    data: Path, url: str | None, key: str | None, *, create: bool = False
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server that was meant. Raises `NotFound` when there is neither server nor folder."""
    running = None if url else running_server(data)
    if url or running:
        address = url or (running.url if running else "")
        token = key if url else (running.token if running else None)
        try:
            client = httpx.AsyncClient(base_url=address, headers=_bearer(token), timeout=60)
        except (httpx.InvalidURL, ValueError) as error:
            raise BadRequest(
                f"“{address[:200]}” is no address: {error}. Write http://host:port.", path="--url"
            ) from None
        async with client:
            yield client
    elif create or data.exists():  # noqa: ASYNC240 - nothing else runs in a command
        # A catalog or an engine that lies elsewhere is named in the environment, for commands as for the server.
        base = from_environment(os.environ)  # noqa: TID251 - the command is where the environment enters
        settings = Settings(
            data=data, database=base.database, clickhouse=base.clickhouse, host=base.host, port=base.port
        )
        from footfall.app import open_house  # noqa: PLC0415 - the server, for who opens the folder alone
        from footfall.http.routes import create_app  # noqa: PLC0415 - as above

        async with open_house(settings) as house:
            transport = _InProcess(create_app(house.services))
            # A link that is made here begins with the address at which a server would listen.
            async with httpx.AsyncClient(
                transport=transport, base_url=house.running.url, headers=_bearer(house.running.token)
            ) as client:
                yield client
    else:
        raise NotFound(
            f"There is no data folder {data}. Start one with `footfall serve`, or name it with --data,"
            " or a server with --url."
        )


async def ask_once(
    data: Path,
    url: str | None,
    key: str | None,
    method: str,
    path: str,
    *,
    project: int | None = None,
    **arguments: Any,
) -> Any:
    """One request to the server that was meant, for the project that was meant."""
    arguments["params"] = arguments.get("params", {}) | named(project)
    async with connect(data, url, key, create=True) as client:
        return await ask(client, method, path, **arguments)


async def ask(client: httpx.AsyncClient, method: str, path: str, **arguments: Any) -> Any:
    """One request; its JSON, or the server's problem as our error."""
    try:
        answer = await client.request(method, path, **arguments)
    except httpx.HTTPError as error:
        raise Unavailable(f"No answer from {client.base_url}: {error or type(error).__name__}") from error
    if answer.is_error:
        raise problem_of(answer)
    try:
        return answer.json() if answer.content else None
    except ValueError:
        raise Unavailable(f"What answers at {client.base_url} is no Footfall server.") from None


def named(project: int | None) -> dict[str, Any]:
    """The project that was meant, as a parameter."""
    return {} if project is None else {"project": project}


@asynccontextmanager
async def download(client: httpx.AsyncClient, path: str, params: dict[str, Any]) -> AsyncIterator[httpx.Response]:
    """An answer while it arrives. What breaks off is `Unavailable`."""
    try:
        async with client.stream("GET", path, params=params) as answer:
            if answer.is_error:
                await answer.aread()
                raise problem_of(answer)
            yield answer
    except httpx.HTTPError as error:
        raise Unavailable(f"No whole answer from {client.base_url}: {error or type(error).__name__}") from error


class _InProcess(httpx.AsyncBaseTransport):
    """Into the application in this process. Unlike httpx's own, it hands an answer on while it is made."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 0),
            "root_path": "",
        }
        sent: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(4)
        asked = [{"type": "http.request", "body": body, "more_body": False}]

        complete = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if asked:
                return asked.pop()
            await complete.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            await sent.put(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                complete.set()

        async def run() -> None:
            try:
                await self._app(scope, receive, send)
            finally:
                await sent.put(None)

        task = asyncio.create_task(run())
        start = await sent.get()
        if start is None:
            await task
            raise httpx.RemoteProtocolError("There is no answer.", request=request)
        return httpx.Response(start["status"], headers=start["headers"], stream=_Parts(task, sent))


class _Parts(httpx.AsyncByteStream):
    """The body of an answer, part by part."""

    def __init__(self, task: asyncio.Task[None], parts: asyncio.Queue[dict[str, Any] | None]) -> None:
        self._task = task
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (part := await self._parts.get()) is not None:
            yield part.get("body", b"")
        await self._task

    async def aclose(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


def _bearer(token: str | None) -> dict[bytes, bytes]:
    return {b"authorization": f"Bearer {token}".encode()} if token else {}


def problem_of(answer: httpx.Response) -> FootfallError:
    """The server's problem as our error."""
    try:
        problem = answer.json()
        position = msgspec.convert(problem.get("position"), Position | None)
        error = FootfallError(problem["detail"], path=problem.get("path"), position=position)
        error.title = problem["title"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return Unavailable(f"The server answered {answer.status_code} and nothing that could be read.")
    else:
        return error
