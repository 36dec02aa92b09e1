"""The server against its own OpenAPI document: whatever the document allows, and some of what it does not."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.journey.people import add, enter
from tests.journey.server import ADMIN_KEY, Server
from tests.journey.test_rights import LIVE, REPEATED
from tests.support.effort import is_thorough

CHECKS = [not_a_server_error, response_schema_conformance, status_code_conformance, content_type_conformance]


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: these requests make keys and revoke them."""
    with Server(tmp_path_factory.mktemp("documented")) as opened:
        yield opened


@pytest.fixture
def document(documented: Server) -> schemathesis.BaseSchema:
    """The document with something behind it to be listed."""
    documented.collect(
        [
            {"event": "page_view", "user_id": "u1", "page": "/", "properties": {"a": 1}},
            {"event": "component_interaction", "anonymous_id": "a1", "component": "Hero", "action": "click"},
            {"event": "$identify", "user_id": "u1", "anonymous_id": "a1", "properties": {"traits": {"name": "Ada"}}},
            {"event": "page_view", "timestamp": "never"},
        ]
    )
    document = documented.anybody.get("/api/openapi.json").json()
    del document["paths"][LIVE]
    for item in document["paths"].values():
        for operation in item.values():
            shorten(operation.get("requestBody"), document["components"]["schemas"])
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig(seed=20260302))
    schema.config.update(base_url=documented.url)
    return schema


def shorten(schema: Any, components: dict[str, Any], depth: int = 0) -> None:
    """Lists of two at most in what is asked: filters within filters take longer to invent than to answer."""
    if isinstance(schema, list):
        for one in schema:
            shorten(one, components, depth)
    elif isinstance(schema, dict):
        if schema.get("type") == "array":
            schema["maxItems"] = max(2, schema.get("minItems", 0))
        if "$ref" in schema and depth < 20:
            shorten(components[schema["$ref"].rpartition("/")[2]], components, depth + 1)
        for one in schema.values():
            shorten(one, components, depth)


@pytest.fixture(scope="module")
def credentials(documented: Server) -> Iterator[dict[str, dict[str, str]]]:
    """The headers of everybody who could ask."""
    keys = {f"{scope} key": documented.make_key(scope) for scope in ("write", "stats", "read", "admin")}
    people = {role: enter(documented, add(documented, role)) for role in ("viewer", "analyst", "admin", "owner")}
    yield {
        "nobody": {},
        "operator": {"authorization": f"Bearer {ADMIN_KEY}"},
        **{name: {"authorization": f"Bearer {key}"} for name, key in keys.items()},
        **{role: {"cookie": f"footfall_session={one.cookies['footfall_session']}"} for role, one in people.items()},
    }
    for client in people.values():
        client.close()


def keep_to_the_document(
    document: schemathesis.BaseSchema,
    subtests: pytest.Subtests,
    mode: GenerationMode,
    headers: dict[str, str],
    examples: int,
) -> None:
    operations = [result.ok() for result in document.get_all_operations()]
    assert len(operations) >= 20
    for operation in operations:

        @seed(1)
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=1 + examples // 8 if REPEATED.search(operation.path) else examples,
            deadline=None,
            derandomize=False,  # which begins with the largest
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def keeps_to_it(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS, timeout=30)

        with subtests.test(operation=operation.label):
            try:
                keeps_to_it()
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, "nothing can be sent to it"


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_every_operation_keeps_to_the_document(
    document: schemathesis.BaseSchema,
    credentials: dict[str, dict[str, str]],
    subtests: pytest.Subtests,
    mode: GenerationMode,
) -> None:
    """In both modes: what the document allows (`positive`), and what it does not (`negative`)."""
    keep_to_the_document(document, subtests, mode, credentials["operator"], 15 if is_thorough() else 5)


@pytest.mark.parametrize(
    "who",
    [
        "nobody",
        "viewer",
        # What each may do is tried for every route (test_rights).
        *(
            pytest.param(one, marks=pytest.mark.slow)
            for one in ("write key", "stats key", "read key", "analyst", "owner")
        ),
    ],
)
def test_every_operation_keeps_to_the_document_for(
    document: schemathesis.BaseSchema, credentials: dict[str, dict[str, str]], subtests: pytest.Subtests, who: str
) -> None:
    """Refusals are in the document too."""
    keep_to_the_document(document, subtests, GenerationMode.POSITIVE, credentials[who], 2 if is_thorough() else 1)


def test_the_document_is_openapi_3_1_and_says_how_to_get_in(documented: Server) -> None:
    answer = documented.anybody.get("/api/openapi.json")
    assert answer.status_code == 200
    assert "json" in answer.headers["content-type"]
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Footfall"
    schemes = document["components"]["securitySchemes"].values()
    assert any(scheme["type"] == "http" and scheme["scheme"].lower() == "bearer" for scheme in schemes)
