"""Tokens: long random strings that are good for one purpose until a time; kept as SHA-256.

`first` makes the first owner, `link` lets a person choose a password, `invitation` gives somebody who has an account
a role in another project (ADR 0035), `session` is a browser's cookie, `second_factor` stands between a password and a
code, `device` is a browser in which that person has signed in by a password (ADR 0037). `session` and `device` are
looked up, the others are spent.
"""

import hashlib
import secrets
from typing import Literal, cast

import msgspec
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from footfall.access import Role
from footfall.model.event import Millis
from footfall.stores.catalog.tables import TokenRow

Purpose = Literal["first", "link", "invitation", "session", "second_factor", "device"]

LIFE_MS: dict[Purpose, Millis] = {
    "first": 24 * 3600 * 1000,
    "link": 3 * 24 * 3600 * 1000,
    "invitation": 3 * 24 * 3600 * 1000,
    "session": 30 * 24 * 3600 * 1000,
    "second_factor": 5 * 60 * 1000,
    "device": 180 * 24 * 3600 * 1000,
}
"""How long each is good for."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was found good; `user_id` is None for `first`."""

    purpose: Purpose
    user_id: str | None
    project_id: int | None
    role: Role | None
    """Of an `invitation`, as is the project."""


class Tokens:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self,
        purpose: Purpose,
        user_id: str | None,
        now: Millis,
        *,
        project_id: int | None = None,
        role: Role | None = None,
    ) -> str:
        token = secrets.token_urlsafe(32)
        with Session(self._engine) as session, session.begin():
            session.execute(delete(TokenRow).where(TokenRow.expires_at <= now))
            session.add(
                TokenRow(
                    digest=digest(token),
                    purpose=purpose,
                    user_id=user_id,
                    created_at=now,
                    expires_at=now + LIFE_MS[purpose],
                    project_id=project_id,
                    role=role,
                )
            )
        return token

    def look_at(self, token: str, now: Millis) -> Token | None:
        """Whatever it is for."""
        with Session(self._engine) as session:
            found = session.get(TokenRow, digest(token))
            return None if found is None or found.expires_at <= now else _token(found)

    def find(self, purpose: Purpose, token: str, now: Millis) -> Token | None:
        found = self.look_at(token, now)
        return found if found is not None and found.purpose == purpose else None

    def spend(self, purpose: Purpose, token: str, now: Millis) -> Token | None:
        """Use a token up: of many who try at once, one gets it."""
        with Session(self._engine) as session, session.begin():
            spent = session.scalar(
                delete(TokenRow)
                .where(TokenRow.digest == digest(token), TokenRow.purpose == purpose, TokenRow.expires_at > now)
                .returning(TokenRow)
            )
            return None if spent is None else _token(spent)

    def drop(self, purpose: Purpose, user_id: str | None, *, project_id: int | None = None, but: str = "") -> None:
        """All of a person's tokens of a purpose (and for a project), but one."""
        condition = (TokenRow.purpose == purpose) & (TokenRow.user_id == user_id) & (TokenRow.digest != digest(but))
        if project_id is not None:
            condition &= TokenRow.project_id == project_id
        with Session(self._engine) as session, session.begin():
            session.execute(delete(TokenRow).where(condition))


def _token(row: TokenRow) -> Token:
    return Token(
        purpose=cast("Purpose", row.purpose),
        user_id=row.user_id,
        project_id=row.project_id,
        role=cast("Role | None", row.role),
    )


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
