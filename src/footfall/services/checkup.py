"""Whether an installation is well: what `footfall doctor` shows.

`facts_of` looks, `findings_of` judges and reads nothing: one row of `_CHECKS` a finding, and for each that is not well
what to do next.
"""

import math
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from footfall import __version__
from footfall.model.errors import FootfallError
from footfall.model.event import Millis
from footfall.model.period import from_millis
from footfall.settings import Settings
from footfall.stores.catalog import Catalog
from footfall.stores.spool import Spool, Totals
from footfall.stores.warehouse import Condition, Warehouse

State = Literal["well", "note", "wrong"]

_MINUTE = 60 * 1000
LEAST_FREE = 1024**3
LOW_FREE = 0.1
LATE_MINUTES = 5
MANY_PARTS = 300
"""In one month: the engine slows inserts down at 1 000 and refuses them at 3 000."""
WRONG_CLOCKS = 0.05


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    state: State
    """`note` wants to be read, `wrong` wants something done."""
    says: str
    advice: str = ""
    """What to do next; empty where all is well."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at. Sizes are bytes."""

    engine: str
    condition: Condition | None
    """None where the engine does not answer."""
    totals: Totals
    catalog: str
    """What is wrong with the catalog's database; empty where nothing is."""
    write_keys: int
    unused_keys: list[str]
    """Names or ids of keys older than a month that nobody ever used."""
    open_to_all: bool
    """Keyless, and reachable from elsewhere."""
    folder: Path
    mode: int
    sizes: dict[str, int]
    free: int
    whole: int
    zones: bool
    now: Millis


def facts_of(
    settings: Settings, spool: Spool, warehouse: Warehouse, catalog: Catalog, project_id: int, now: Millis
) -> Facts:
    """Look at everything once."""
    folder = settings.data.resolve()
    disk = shutil.disk_usage(folder)
    trouble, keys = "", []
    try:
        catalog.refresh()
        keys = catalog.keys.list(project_id)
    except FootfallError as error:
        trouble = error.detail
    try:
        condition = warehouse.condition()
    except FootfallError:
        condition = None
    month_ago = now - 30 * 24 * 60 * _MINUTE
    return Facts(
        engine=f"chDB {version('chdb')}",
        condition=condition,
        totals=spool.totals(),
        catalog=trouble,
        write_keys=sum(key.scope == "write" for key in keys) + bool(settings.write_key) + settings.keyless,
        unused_keys=[key.name or key.id for key in keys if key.last_used_at is None and key.created_at < month_ago],
        open_to_all=settings.keyless and not settings.on_loopback,
        folder=folder,
        mode=folder.stat().st_mode & 0o777,
        sizes={name: _size(folder, pattern) for name, pattern in _PARTS.items()},
        free=disk.free,
        whole=disk.total,
        zones=_knows_zones(),
        now=now,
    )


_PARTS = {"events": "warehouse/**/*", "queue and quarantine": "spool.db*", "people and keys": "catalog.db*"}


def _size(folder: Path, pattern: str) -> int:
    size = 0
    for file in folder.glob(pattern):
        try:
            size += file.stat().st_blocks * 512 if file.is_file() else 0
        except OSError:  # merged away meanwhile
            continue
    return size


def _knows_zones() -> bool:
    try:
        return ZoneInfo("Europe/Berlin").key != ""
    except (KeyError, OSError):
        return False


def findings_of(facts: Facts) -> list[Finding]:
    return [check(facts) for check in _CHECKS]


def _finding(name: str, says: str, *, advice: str = "", state: State | None = None) -> Finding:
    return Finding(name=name, state=state or ("wrong" if advice else "well"), says=says, advice=advice)


def _versions(facts: Facts) -> Finding:
    engine = facts.condition.version if facts.condition else "?"
    return _finding("versions", f"Footfall {__version__}, {facts.engine}, engine {engine}")


def _engine(facts: Facts) -> Finding:
    if facts.condition is None:
        advice = "Restart the server and read its log; events wait in the queue meanwhile."
        return _finding("engine", "does not answer", advice=advice)
    return _finding("engine", f"answers; {facts.condition.events:,} events")


def _schema(facts: Facts) -> Finding:
    if facts.condition is None:
        return _finding("schema", "not known without the engine", state="note")
    ahead = facts.condition.applied - facts.condition.known
    pending = facts.condition.known - facts.condition.applied
    if ahead:
        says = f"{len(ahead)} migrations that this version does not know"
        return _finding("schema", says, advice="The folder was used by a newer Footfall; go back to that one.")
    if pending:
        return _finding("schema", f"{len(pending)} migrations pending", advice="Restart the server.")
    return _finding("schema", f"{len(facts.condition.applied)} migrations, none pending")


def _database(facts: Facts) -> Finding:
    if facts.catalog:
        return _finding("people and keys", facts.catalog, advice="See that the database named by --database runs.")
    return _finding("people and keys", "the database answers")


def _rights(facts: Facts) -> Finding:
    if facts.mode & 0o077:
        advice = f"chmod 700 {facts.folder}"
        return _finding("folder", f"{facts.folder} is open to others ({facts.mode:o})", advice=advice, state="note")
    return _finding("folder", f"{facts.folder} is its owner's alone")


def _disk(facts: Facts) -> Finding:
    used = ", ".join(f"{name} {_bytes(size)}" for name, size in facts.sizes.items())
    says = f"{_bytes(facts.free)} free of {_bytes(facts.whole)}; used: {used}"
    if facts.free < LEAST_FREE:
        return _finding("disk", says, advice="Make room: without any, events are answered with 503.")
    if facts.free < facts.whole * LOW_FREE:
        return _finding("disk", says, advice="Think of a larger disk.", state="note")
    return _finding("disk", says)


def _queue(facts: Facts) -> Finding:
    oldest = facts.totals.oldest
    minutes = 0 if oldest is None else max(0, facts.now - oldest) // _MINUTE
    says = f"{facts.totals.queued:,} events wait" + (f", the oldest for {minutes} min" if minutes else "")
    if minutes >= LATE_MINUTES:
        return _finding("queue", says, advice="The engine does not take them: look for space, read the log, restart.")
    return _finding("queue", says)


def _quarantine(facts: Facts) -> Finding:
    refused, accepted = facts.totals.quarantined, facts.totals.accepted
    says = f"{refused:,} of {accepted:,} events were refused"
    if refused and refused >= accepted * WRONG_CLOCKS:
        return _finding("quarantine", says, advice="GET /api/quarantine says why.", state="note")
    return _finding("quarantine", says)


def _parts(facts: Facts) -> Finding:
    if facts.condition is None:
        return _finding("parts", "not known without the engine", state="note")
    says = f"{facts.condition.parts:,} parts, at most {facts.condition.most_parts:,} in a month"
    if facts.condition.most_parts > MANY_PARTS:
        advice = "Merging does not keep up: give the machine more disk speed, or send larger batches."
        return _finding("parts", says, advice=advice)
    return _finding("parts", says)


def _clocks(facts: Facts) -> Finding:
    recent = facts.condition.recent if facts.condition else 0
    wrong = facts.condition.wrong_clocks if facts.condition else 0
    says = f"{wrong:,} of {recent:,} events of the last day had a time that could not be"
    if recent and wrong >= recent * WRONG_CLOCKS and wrong:
        advice = "Have clients send sent_at, and see that this machine's clock is right (timedatectl)."
        return _finding("clocks", says, advice=advice, state="note")
    return _finding("clocks", says)


def _keys(facts: Facts) -> Finding:
    if not facts.write_keys:
        advice = "footfall keys create --scope write makes one."
        return _finding("keys", "none can send events", advice=advice)
    if facts.unused_keys:
        says = f"{len(facts.unused_keys)} were never used in a month: {', '.join(facts.unused_keys[:5])}"
        return _finding("keys", says, advice="footfall keys revoke takes one back.", state="note")
    return _finding("keys", f"{facts.write_keys} can send events")


def _keyless(facts: Facts) -> Finding:
    if facts.open_to_all:
        says = "everybody who reaches the server sends events and reads aggregates"
        return _finding("keyless", says, advice="Stop it, or listen on loopback: it is meant for demos.")
    return _finding("keyless", "off, or on loopback only")


def _zones(facts: Facts) -> Finding:
    if not facts.zones:
        return _finding("time zones", "are not known here", advice="pip install tzdata")
    return _finding("time zones", "known")


def _cost(facts: Facts) -> Finding:
    """What an event costs, and how much a month adds at the pace of the last one."""
    if facts.condition is None or not facts.condition.events:
        return _finding("cost", "no events yet")
    each = facts.condition.bytes / facts.condition.events
    growth = each * facts.condition.month
    until = math.inf if growth <= 0 else facts.free / growth
    says = f"{each:,.0f} bytes an event; {facts.condition.month:,} events in 30 days: {_bytes(growth)} a month"
    if until < 3:  # noqa: PLR2004 - months
        return _finding("cost", says, advice=f"The disk is full in {until:.1f} months.", state="note")
    return _finding("cost", says)


def _bytes(size: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:  # noqa: PLR2004 - of the next unit
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


_CHECKS: tuple[Callable[[Facts], Finding], ...] = (
    _versions, _engine, _schema, _database, _rights, _disk, _queue, _quarantine, _parts, _clocks, _keys, _keyless,
    _zones, _cost,
)  # fmt: skip


class Checkup(msgspec.Struct, frozen=True, kw_only=True):
    at: str
    findings: list[Finding]


def checkup(facts: Facts) -> Checkup:
    return Checkup(at=from_millis(facts.now, ZoneInfo("UTC")).isoformat(), findings=findings_of(facts))
