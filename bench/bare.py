"""The baseline of arrival: the same Granian, throwing bodies away unread. `python -m bench.bare PORT`."""

import asyncio
import sys
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server


async def throw_away(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


if __name__ == "__main__":
    server = Server(throw_away, port=int(sys.argv[1]), interface=Interfaces.ASGINL, log_enabled=False, websockets=False)
    asyncio.run(server.serve())
