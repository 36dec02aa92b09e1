"""Print the OpenAPI document of the server's routes, of which the dashboard's types are made."""

import json
import sys
from typing import Any

from litestar import Litestar

from footfall.http.routes import OPENAPI, ROUTES


def plain(part: Any) -> Any:
    """Without the "anything" that Litestar says beside the one type of a bounded tuple's items."""
    if isinstance(part, list):
        return [plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    kinds = part.get("oneOf")
    if isinstance(kinds, list) and {} in kinds:
        return plain(next(kind for kind in kinds if kind))
    return {name: plain(one) for name, one in part.items()}


if __name__ == "__main__":
    document = Litestar(route_handlers=ROUTES, openapi_config=OPENAPI).openapi_schema.to_schema()
    json.dump(plain(document), sys.stdout, indent=1)
