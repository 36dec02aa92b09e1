"""The tracking plan, and what it keeps apart (`contract.md`, "Keeping order")."""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post, put
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from footfall.alerts.planned import fault_of
from footfall.http.auth import grant_of
from footfall.http.fields import Name, shown
from footfall.http.problems import PROBLEMS
from footfall.http.services import Services, services_of
from footfall.model.errors import BadRequest, NotFound, TooLarge
from footfall.model.event import Event, Receipt
from footfall.plan.bundle import Bundle, decode_bundle
from footfall.plan.check import Checker, Violation
from footfall.plan.document import MAX_TEXT, Fault, Mode
from footfall.plan.lint import lint, planned, unknown_privacy
from footfall.protocols.native import decode
from footfall.settings import clock
from footfall.stores.catalog import PlanVersion
from footfall.stores.spool import QuarantineGroup, Refusals

Req = Request[Any, Any, State]
_MOST_BYTES = 8 * MAX_TEXT
_FILE = "plan.yaml"
_Environment = Annotated[str, Parameter(max_length=60, description="Which of the plan's environments this is.")]


class ShownPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the plan."""

    number: int
    sha: str
    environment: str | None
    owner: str
    """Id of the person or key that pushed it."""
    created_at: str
    bundle: dict[str, Any]
    """As `footfall plan bundle` prints it."""


class ShownVersion(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    sha: str
    environment: str | None
    owner: str
    created_at: str


class Pushed(ShownVersion, frozen=True, kw_only=True):
    warnings: list[Fault]


@get("/api/plan", opt={"scope": "view"}, responses=PROBLEMS, tags=["Plan"])
async def read_plan(
    request: Req,
    version: Annotated[int | None, Parameter(ge=1, lt=1 << 31, description="Another than the newest.")] = None,
) -> ShownPlan:
    """The plan that counts."""
    services, project_id = services_of(request), grant_of(request).project_id

    def read() -> ShownPlan:
        number = version or services.catalog.plans.newest(project_id)
        if not number:
            raise NotFound(
                "There is no plan yet. `footfall plan init` writes one, `footfall plan push` brings it here."
            )
        text = services.catalog.plans.bundle(project_id, number)
        known = next(one for one in services.catalog.plans.list(project_id) if one.number == number)
        return ShownPlan(**_version(known), bundle=msgspec.json.decode(text))

    return await asyncio.to_thread(read)


@get("/api/plan/versions", opt={"scope": "view"}, responses=PROBLEMS, tags=["Plan"])
async def list_versions(request: Req) -> list[ShownVersion]:
    """All versions of the plan, newest first."""
    plans = services_of(request).catalog.plans
    found = await asyncio.to_thread(plans.list, grant_of(request).project_id)
    return [ShownVersion(**_version(one)) for one in found]


@put("/api/plan", opt={"scope": "admin"}, responses=PROBLEMS, tags=["Plan"])
async def push_plan(request: Req, environment: _Environment = "") -> Pushed:
    """Put another plan in place: YAML, or JSON that is a bundle, or `{"files": {"cart.yaml": "…"}}`.

    What `footfall plan lint` calls an error is a 400.
    """
    services, grant = services_of(request), grant_of(request)
    body = await _body(request)
    bundle, faults = await asyncio.to_thread(_planned, body)
    if environment and environment not in bundle.environments:
        known = ", ".join(bundle.environments) or "none"
        raise BadRequest(f"The plan has no environment of this name; it has {known}.", path="$.environment")
    pushed = await asyncio.to_thread(
        services.plans.push, grant.project_id, bundle, environment, grant.actor, clock(services.settings)
    )
    return Pushed(**_version(pushed), warnings=faults)


class CheckBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    events: Annotated[list[Any], msgspec.Meta(max_length=1000)]
    """As `POST /api/events/collect` takes them."""
    plan: str | dict[str, Any] | None = None
    """YAML, or JSON that is a plan's file or a bundle; the plan that counts when null."""
    environment: Name = ""


class Checked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    index: int
    event: str
    mode: Mode
    """What would become of it."""
    violations: list[Violation]
    reason: str | None = None
    """Why it is no event at all."""


class CheckAnswer(msgspec.Struct, frozen=True, kw_only=True):
    results: list[Checked]


@post("/api/plan/check", status_code=200, opt={"scope": "view"}, responses=PROBLEMS, tags=["Plan"])
async def check_events(request: Req, data: CheckBody) -> CheckAnswer:
    """What the plan has against these events. Nothing is stored."""
    services, grant = services_of(request), grant_of(request)
    now = clock(services.settings)

    def check() -> CheckAnswer:
        checker = _checker(services, grant.project_id, data)
        batch = decode(msgspec.json.encode(data.events), Receipt(received_at=now))
        results: list[Checked] = []
        for index, entry in enumerate(batch.entries):
            if isinstance(entry, Event):
                verdict = checker.check(entry, entry.event_version, now)
                results.append(
                    Checked(index=index, event=entry.event, mode=verdict.mode, violations=list(verdict.violations))
                )
            else:
                said = f"{entry.reason}: {entry.detail}"
                results.append(Checked(index=index, event=entry.event, mode="quarantine", violations=[], reason=said))
        return CheckAnswer(results=results)

    return await asyncio.to_thread(check)


def _checker(services: Services, project_id: int, data: CheckBody) -> Checker:
    if data.plan is not None:
        body = data.plan.encode() if isinstance(data.plan, str) else msgspec.json.encode(data.plan)
        return Checker(_planned(body)[0], data.environment)
    standing = services.plans.standing(project_id)
    if standing is None:
        raise NotFound("There is no plan yet; send one with the events.")
    return standing.checker if not data.environment else Checker(standing.bundle, data.environment)


async def _body(request: Req) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        pieces.append(piece)
        size += len(piece)
        if size > _MOST_BYTES:
            raise TooLarge(f"A plan has at most {_MOST_BYTES} bytes.")
    return b"".join(pieces)


class _Files(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    files: dict[str, str]


def _planned(body: bytes) -> tuple[Bundle, list[Fault]]:
    """The bundle, and what lint warns of. Raises `BadRequest`."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("The plan is not UTF-8.", path="$") from None
    if not text.lstrip().startswith("{"):
        return _linted([(_FILE, text)])
    try:
        members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        if "format" in members:
            return _usable(decode_bundle(text)), []
        if "files" in members:
            return _linted(list(msgspec.json.decode(text, type=_Files).files.items()))
    except (msgspec.MsgspecError, RecursionError) as error:
        detail, _, path = str(error).partition(" - at `")
        raise BadRequest(f"{detail}.", path=path.rstrip("`") or "$") from None
    return _linted([(_FILE, text)])  # JSON is YAML


def _usable(bundle: Bundle) -> Bundle:
    """A bundle from outside: its schemas have to compile, and what it does about personal data has to be known."""
    for rule, said in unknown_privacy(bundle.privacy):
        raise BadRequest(f"{said}.", path=f"$.privacy.{rule}")
    try:
        Checker(bundle)
    except (ValueError, KeyError) as error:
        raise BadRequest(f"The bundle does not compile: {str(error)[:300]}", path="$.events") from None
    return bundle


def _linted(files: list[tuple[str, str]]) -> tuple[Bundle, list[Fault]]:
    faults = lint(files, fault_of)
    errors = [one for one in faults if one.level == "error"]
    if errors:
        first = errors[0]
        more = f" ({len(errors) - 1} more; `footfall plan lint` tells all)" if len(errors) > 1 else ""
        raise BadRequest(f"{first.file}:{first.line}: {first.message}{more}", path=first.path)
    return planned(files), faults


def _version(one: PlanVersion) -> dict[str, Any]:
    return {
        "number": one.number,
        "sha": one.sha,
        "environment": one.environment or None,
        "owner": one.owner,
        "created_at": shown(one.created_at) or "",
    }


# ── the quarantine ───────────────────────────────────────────────────────────────────────────────────────────


class ShownGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Entries that one mend would free."""

    event: str | None
    reason: str
    path: str
    app_version: str | None
    entries: int
    first: str
    last: str
    detail: str


class WhichRefused(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All entries that are like this; all of them where nothing is said."""

    ids: Annotated[list[int], msgspec.Meta(max_length=10_000)] = []
    event: str | None = None
    reason: str | None = None
    path: str | None = None
    app_version: str | None = None

    def refusals(self) -> Refusals:
        return Refusals(
            ids=tuple(self.ids), event=self.event, reason=self.reason, path=self.path, app_version=self.app_version
        )


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    replayed: int
    """Are events now."""
    remaining: int
    """Are refused again, and stay."""


class Discarded(msgspec.Struct, frozen=True, kw_only=True):
    discarded: Literal[True] = True


@get("/api/quarantine/groups", opt={"scope": "view"}, responses=PROBLEMS, tags=["Keeping order"])
async def quarantine_groups(request: Req, limit: Annotated[int, Parameter(ge=1, le=1000)] = 100) -> list[ShownGroup]:
    """What was refused, together by event, reason, path and version of the application; most entries first."""
    spool = services_of(request).spool
    return [
        _group(one) for one in await asyncio.to_thread(spool.quarantine_groups, grant_of(request).project_id, limit)
    ]


@post("/api/quarantine/replay", status_code=200, opt={"scope": "admin"}, responses=PROBLEMS, tags=["Keeping order"])
async def replay(request: Req, data: WhichRefused) -> Replayed:
    """Take refused entries anew, as they would be taken now. Each is counted once, however often it is replayed."""
    services = services_of(request)
    found = await services.quarantine.replay(grant_of(request).project_id, data.refusals())
    return Replayed(replayed=found.replayed, remaining=found.remaining)


@post("/api/quarantine/discard", status_code=200, opt={"scope": "admin"}, responses=PROBLEMS, tags=["Keeping order"])
async def discard(request: Req, data: WhichRefused) -> Discarded:
    """Let refused entries go for good."""
    await services_of(request).quarantine.discard(grant_of(request).project_id, data.refusals())
    return Discarded()


def _group(one: QuarantineGroup) -> ShownGroup:
    return ShownGroup(
        event=one.event or None,
        reason=one.reason,
        path=one.path,
        app_version=one.app_version or None,
        entries=one.entries,
        first=shown(one.first) or "",
        last=shown(one.last) or "",
        detail=one.detail,
    )


HANDLERS: list[HTTPRouteHandler] = [
    read_plan, list_versions, push_plan, check_events, quarantine_groups, replay, discard,
]  # fmt: skip
