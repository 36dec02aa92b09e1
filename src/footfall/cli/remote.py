"""How a command reaches a server: by address, through the data folder, or by opening the folder itself.

Either way the command speaks HTTP to the same routes: over a socket, or into the application in this process.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from footfall.app import open_house, running_server
from footfall.http.routes import create_app
from footfall.model.errors import BadRequest, FootfallError, NotFound, Unavailable
from footfall.settings import Settings, from_environment

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
        async with open_house(settings) as house:
            transport = httpx.ASGITransport(create_app(house.services))
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
    if project is not None:
        arguments["params"] = {**arguments.get("params", {}), "project": project}
    async with connect(data, url, key, create=True) as client:
        return await ask(client, method, path, **arguments)


async def ask(client: httpx.AsyncClient, method: str, path: str, **arguments: Any) -> Any:
    """One request; its JSON, or the server's problem as our error."""
    try:
        answer = await client.request(method, path, **arguments)
    except httpx.HTTPError as error:
        raise Unavailable(f"No answer from {client.base_url}: {error or type(error).__name__}") from error
    if answer.is_error:
        raise _problem(answer)
    try:
        return answer.json() if answer.content else None
    except ValueError:
        raise Unavailable(f"What answers at {client.base_url} is no Footfall server.") from None


def _bearer(token: str | None) -> dict[bytes, bytes]:
    return {b"authorization": f"Bearer {token}".encode()} if token else {}


def _problem(answer: httpx.Response) -> FootfallError:
    try:
        problem = answer.json()
        error = FootfallError(problem["detail"], path=problem.get("path"))
        error.title = problem["title"]
    except (ValueError, KeyError, TypeError):
        return Unavailable(f"The server answered {answer.status_code} and nothing that could be read.")
    else:
        return error
