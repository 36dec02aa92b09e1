"""The tracking plan of each project, ready to be held against what comes."""

import logging
import threading

import msgspec

from footfall.alerts.planned import rules_of
from footfall.model.errors import BadRequest
from footfall.model.event import Event, Millis
from footfall.plan.bundle import Bundle, EventPlan, decode_bundle
from footfall.plan.check import Checker
from footfall.plan.deny import Deny
from footfall.privacy import Policy
from footfall.services.bringing import bring
from footfall.services.guard import policy_of
from footfall.stores.catalog import Catalog, PlanVersion

_log = logging.getLogger("footfall.plans")

REMEMBERED = 200
"""Versions of before that are looked at, for majors that were left behind and for when an event was planned first."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The plan that counts for a project."""

    version: PlanVersion
    bundle: Bundle
    checker: Checker
    deny: Deny
    policy: Policy
    """What is done about personal data."""

    def takes(self, event: Event, at: Millis) -> bool:
        """Whether an event that was refused at that time would be stored now."""
        return self.checker.check(event, event.event_version, at).mode in {"allow", "warn"}


class Plans:
    """`standing` answers from memory; every method may be called from any thread."""

    def __init__(self, catalog: Catalog, key: bytes = b"") -> None:
        """`key` is for what is hashed."""
        self._catalog = catalog
        self._key = key
        self.unplanned = policy_of(None, key)
        """What is done about personal data where there is no plan."""
        self._lock = threading.Lock()
        self._standing: dict[int, Standing] = {}

    def standing(self, project_id: int) -> Standing | None:
        """The plan that counts, None without one. Reads the catalog where it is another than before."""
        newest = self._catalog.plans.newest(project_id)
        if not newest:
            return None
        known = self._standing.get(project_id)
        if known is not None and known.version.number == newest:
            return known
        with self._lock:
            made = self._read(project_id)
            self._standing[project_id] = made
        return made

    def is_known(self, project_id: int) -> bool:
        """Whether `standing` answers without asking the catalog."""
        newest = self._catalog.plans.newest(project_id)
        known = self._standing.get(project_id)
        return not newest or (known is not None and known.version.number == newest)

    def push(self, project_id: int, bundle: Bundle, environment: str, owner: str, now: Millis) -> PlanVersion:
        """What counts from now on, with its rules of alerts. Raises `BadRequest`, `Conflict`."""
        rules = list(rules_of(bundle))
        text = bundle.encoded().decode()
        pushed = self._catalog.plans.push(project_id, text, bundle.sha, environment, owner, now)
        bring(self._catalog, project_id, rules, owner, now)
        return pushed

    def bring_to_all(self, now: Millis) -> None:
        """Rules of alerts as the plans say them: whoever pushed one may have been killed before they were there."""
        for project in self._catalog.projects.list():
            standing = self.standing(project.id)
            if standing is None:
                continue
            try:
                rules = list(rules_of(standing.bundle))
            except BadRequest as error:  # of a version in which nobody read them yet
                _log.warning("alerts of the plan of project %d cannot be read: %s", project.id, error.path)
            else:
                bring(self._catalog, project.id, rules, standing.version.owner, now)

    def _read(self, project_id: int) -> Standing:
        versions = self._catalog.plans.list(project_id, REMEMBERED)
        bundles = [decode_bundle(self._catalog.plans.bundle(project_id, one.number)) for one in versions]
        since: dict[str, Millis] = {}
        for version, bundle in zip(versions, bundles, strict=True):  # from the newest to the oldest
            for plan in bundle.events.values():
                since[_key(plan)] = version.created_at
        newest = versions[0]
        return Standing(
            version=newest,
            bundle=bundles[0],
            checker=Checker(bundles[0], newest.environment, tuple(bundles[1:]), since),
            deny=Deny(bundles[0].deny),
            policy=policy_of(bundles[0], self._key),
        )


def _key(plan: EventPlan) -> str:
    return f"{plan.name}@{plan.major}"
