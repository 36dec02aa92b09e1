"""Keys: what each allows, where, until when, and when it was used last.

They are kept as SHA-256: they are long random strings (one that somebody chose is public anyway), so there is
nothing to guess slowly. What a key allows is read from memory, since every event asks.
"""

import secrets
import threading
from typing import cast, get_args

import msgspec
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from footfall.access import SCOPES, Grant, Scope
from footfall.model.errors import BadRequest, Conflict, NotFound, Unavailable
from footfall.model.event import Millis
from footfall.stores.catalog.tables import KeyRow, ProjectRow
from footfall.stores.catalog.tokens import digest

PUBLIC: frozenset[Scope] = frozenset({"write", "stats"})
"""Scopes whose keys stand in pages, and inherit the origins of their project."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it may be shown: everything but itself."""

    id: str
    scope: Scope
    name: str
    hint: str
    """Its first characters."""
    origins: tuple[str, ...]
    rate_limit: str | None
    created_at: Millis
    expires_at: Millis | None
    last_used_at: Millis | None


class Keys:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._grants: dict[str, Grant] = {}
        self._uses: dict[str, Millis] = {}

    def grant_of(self, key: str, now: Millis) -> Grant | None:
        """What a key allows, from memory; None for one that nobody made, that expired, or of an archived project."""
        found = self._grants.get(digest(key))
        if found is None or (found.expires_at is not None and found.expires_at <= now):
            return None
        return found

    def list(self, project_id: int) -> list[Key]:
        with Session(self._engine) as session:
            found = session.scalars(
                select(KeyRow).where(KeyRow.project_id == project_id).order_by(KeyRow.created_at, KeyRow.id)
            )
            return [self._shown(row) for row in found if not row.revoked]

    def create(
        self,
        project_id: int,
        scope: Scope,
        name: str,
        now: Millis,
        *,
        value: str | None = None,
        origins: tuple[str, ...] = (),
        rate_limit: str | None = None,
        expires_at: Millis | None = None,
    ) -> tuple[Key, str]:
        """A new key and its value, which is shown this once. Any string can be given as a write key.

        One that was revoked can be given again in its own project only: clients that still have it would send their
        events into another. Raises `BadRequest`.
        """
        if value is not None and scope != "write":
            raise BadRequest("Only a write key may be chosen; the others are secrets and made here.", path="$.value")
        secret = value or _made(scope)
        row = KeyRow(
            id=f"key_{secrets.token_hex(6)}",
            project_id=project_id,
            scope=scope,
            name=name,
            digest=digest(secret),
            hint=_hint(secret),
            origins="\n".join(origins),
            rate_limit=rate_limit,
            created_at=now,
            expires_at=expires_at,
            last_used_at=None,
            revoked=False,
            replaced_by=None,
        )
        with self._lock, Session(self._engine, expire_on_commit=False) as session, session.begin():
            before = session.scalar(select(KeyRow).where(KeyRow.digest == row.digest))
            if before is not None:
                if not before.revoked or before.project_id != project_id:
                    raise BadRequest("There is such a key already.", path="$.value")
                session.delete(before)
                session.flush()
            session.add(row)
        self.reload()
        return self._shown(row), secret

    def rotate(self, project_id: int, key_id: str, now: Millis, grace: Millis) -> tuple[Key, str]:
        """A new key like that one; the old one still works for `grace` milliseconds. Raises `NotFound`, `Conflict`.

        Once: a second time, the key that would take its place would end with the grace of the first.
        """
        with self._lock, Session(self._engine, expire_on_commit=False) as session, session.begin():
            old = self._row(session, project_id, key_id)
            if old.replaced_by is not None:
                raise Conflict(f"{old.replaced_by} has taken the place of {key_id} already; turn that one over.")
            if old.expires_at is not None and old.expires_at <= now:
                raise Conflict(f"{key_id} has expired; make a new key.")
            secret = _made(_scope(old.scope))
            new = KeyRow(
                id=f"key_{secrets.token_hex(6)}",
                project_id=project_id,
                scope=old.scope,
                name=old.name,
                digest=digest(secret),
                hint=_hint(secret),
                origins=old.origins,
                rate_limit=old.rate_limit,
                created_at=now,
                expires_at=old.expires_at,
                last_used_at=None,
                revoked=False,
                replaced_by=None,
            )
            session.add(new)
            old.replaced_by = new.id
            old.expires_at = min(now + grace, old.expires_at or now + grace)
        self.reload()
        return self._shown(new), secret

    def revoke(self, project_id: int, key_id: str) -> None:
        """Raises `NotFound`."""
        with Session(self._engine) as session, session.begin():
            self._row(session, project_id, key_id).revoked = True
        self.reload()

    def used(self, key_id: str, now: Millis) -> None:
        """Remember a use; `keep_uses` writes it down."""
        self._uses[key_id] = now

    def keep_uses(self) -> None:
        """Write down when keys were used last: one transaction now and then, not one a request."""
        uses, self._uses = self._uses, {}
        if not uses:
            return
        try:
            with Session(self._engine) as session, session.begin():
                for key_id, at in uses.items():
                    session.execute(update(KeyRow).where(KeyRow.id == key_id).values(last_used_at=at))
        except Unavailable:
            self._uses = uses | self._uses  # for the next time
            raise

    def reload(self) -> None:
        with self._lock, Session(self._engine) as session:
            rows = session.execute(
                select(KeyRow, ProjectRow.origins)
                .join(ProjectRow, ProjectRow.id == KeyRow.project_id)
                .where(ProjectRow.archived_at.is_(None), KeyRow.revoked.is_(False))
            )
            self._grants = {row.digest: _grant(row, inherited) for row, inherited in rows}

    def _row(self, session: Session, project_id: int, key_id: str) -> KeyRow:
        found = session.get(KeyRow, key_id, with_for_update=True)
        if found is None or found.project_id != project_id or found.revoked:
            raise NotFound(f"There is no key {key_id[:40]}; `footfall keys list` shows them.")
        return found

    def _shown(self, row: KeyRow) -> Key:
        return Key(
            id=row.id,
            scope=_scope(row.scope),
            name=row.name,
            hint=f"{row.hint}…",
            origins=tuple(row.origins.split()),
            rate_limit=row.rate_limit,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=self._uses.get(row.id, row.last_used_at),
        )


def _grant(row: KeyRow, inherited: str) -> Grant:
    scope = _scope(row.scope)
    return Grant(
        project_id=row.project_id,
        rights=SCOPES[scope],
        actor=row.id,
        origins=tuple((row.origins or (inherited if scope in PUBLIC else "")).lower().split()),
        rate_limit=row.rate_limit,
        expires_at=row.expires_at,
    )


def _made(scope: Scope) -> str:
    return f"ff_{scope}_{secrets.token_urlsafe(24)}"


def _hint(secret: str) -> str:
    return secret[: min(10, len(secret) // 2 + 1)]


def _scope(text: str) -> Scope:
    if text not in get_args(Scope):
        raise ValueError(text)
    return cast("Scope", text)
