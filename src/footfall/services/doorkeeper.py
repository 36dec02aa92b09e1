"""Who is at the door: keys, sessions and what everybody may do, as grants; and how often."""

import asyncio
import hmac

import msgspec

from footfall.access import DEFAULT_PROJECT, OPERATOR, ROLES, SCOPES, Grant, Right, Scope, permit
from footfall.model.errors import Forbidden, NotFound, Unauthorized
from footfall.model.event import Millis
from footfall.services.rates import Rates
from footfall.settings import Settings
from footfall.stores.catalog import Catalog, User


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller came with."""

    key: str | None = None
    key_in_address: str | None = None
    session: str | None = None
    project: int | None = None
    """Which one the request names."""


class Doorkeeper:
    def __init__(self, catalog: Catalog, settings: Settings, rates: Rates, local_token: str) -> None:
        """`local_token` is an operator's key for commands on this machine that can read the data folder."""
        self._catalog = catalog
        self._rates = rates
        fixed: tuple[tuple[str | None, frozenset[Right], str], ...] = (
            (settings.write_key, SCOPES["write"], "FOOTFALL_WRITE_KEY"),
            (settings.read_key, SCOPES["read"], "FOOTFALL_READ_KEY"),
            (settings.admin_key, OPERATOR, "FOOTFALL_ADMIN_KEY"),
            (local_token, OPERATOR, "local command"),
        )
        self._fixed = [
            (
                value.encode(),
                Grant(project_id=DEFAULT_PROJECT, rights=rights, actor=name, everywhere=rights == OPERATOR),
            )
            for value, rights, name in fixed
            if value
        ]
        open_scopes: dict[Scope, bool] = {
            "read": settings.open_reading,  # before stats, which allows less
            "stats": settings.keyless,
            "write": settings.keyless,
        }
        self._everybody = tuple(
            Grant(project_id=DEFAULT_PROJECT, rights=SCOPES[scope], actor="keyless")
            for scope, is_open in open_scopes.items()
            if is_open
        )

    async def admit(self, wanted: Right, came: Credentials, *, origin: str | None = None, now: Millis = 0) -> Grant:
        """The grant under which a request goes on. Raises `Unauthorized`, `Forbidden`, `NotFound`, `TooMany`."""
        admitted = permit(await self.grants(came, now), wanted, origin)
        if admitted.rate_limit is not None:
            self._rates.count(admitted.rate_limit, admitted.actor, f"The key may send {admitted.rate_limit}.")
        return admitted

    async def grants(self, came: Credentials, now: Millis) -> tuple[Grant, ...]:
        """All that a caller may do in one project: the one that is named, else the first that they have.

        A wrong key is refused even where none is needed. A key in the address ends up in logs of others, so
        only public ones may travel there. A project that is not the caller's is not found, whether there is one
        or not. Raises `Unauthorized`, `Forbidden`, `NotFound`.
        """
        if came.key is not None or came.key_in_address is not None:
            grant = self._grant_of(came.key if came.key is not None else came.key_in_address or "", now)
            if came.key is None and grant.scope != "write":
                raise Forbidden("Only a write key may travel in the address; use Authorization: Bearer.")
            grants: tuple[Grant, ...] = (grant,)
        else:
            grants = self._everybody
            user = None if came.session is None else await asyncio.to_thread(self.user_of, came.session, now)
            if user is not None:
                grants = (*(_grant_to(user, project_id) for project_id in user.roles), *grants)
        if came.project is not None and grants:
            return self._narrowed(grants, came.project)
        # A person with several projects who names none is in the first.
        return tuple(grant for grant in grants if grant.project_id == grants[0].project_id)

    def user_of(self, session: str, now: Millis) -> User | None:
        """Whose session it is."""
        found = self._catalog.tokens.find("session", session, now)
        return None if found is None or found.user_id is None else self._catalog.people.find(found.user_id)

    def _grant_of(self, key: str, now: Millis) -> Grant:
        given = key.encode("utf-8", "replace")
        for value, grant in self._fixed:
            if hmac.compare_digest(value, given):
                return grant
        found = self._catalog.keys.grant_of(key, now)
        if found is None:
            raise Unauthorized("This key is not known here; `footfall keys list` shows those that are.")
        self._catalog.keys.used(found.actor, now)
        return found

    def _narrowed(self, grants: tuple[Grant, ...], project: int) -> tuple[Grant, ...]:
        found = tuple(
            _moved(grant, project) if grant.everywhere else grant
            for grant in grants
            if grant.everywhere or grant.project_id == project
        )
        if not found:
            raise NotFound("There is no such project.")
        self._catalog.projects.get(project)
        return found


def _grant_to(user: User, project_id: int) -> Grant:
    return Grant(project_id=project_id, rights=ROLES[user.roles[project_id]], actor=user.id)


def _moved(grant: Grant, project: int) -> Grant:
    return Grant(project_id=project, rights=grant.rights, actor=grant.actor, everywhere=True)
