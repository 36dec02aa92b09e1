"""Tokens: long random strings that are good for one purpose until a time; kept as SHA-256.

`first` makes the first owner, `link` lets a person choose a password, `session` is a browser's cookie,
`second_factor` stands between a password and a code. A `session` is looked up, the others are spent.
"""

import hashlib
import secrets
from typing import Literal

import msgspec
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from footfall.model.event import Millis
from footfall.stores.catalog.tables import TokenRow

Purpose = Literal["first", "link", "session", "second_factor"]

LIFE_MS: dict[Purpose, Millis] = {
    "first": 24 * 3600 * 1000,
    "link": 3 * 24 * 3600 * 1000,
    "session": 30 * 24 * 3600 * 1000,
    "second_factor": 5 * 60 * 1000,
}
"""How long each is good for."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was found good; `user_id` is None for `first`."""

    user_id: str | None


class Tokens:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, purpose: Purpose, user_id: str | None, now: Millis) -> str:
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
                )
            )
        return token

    def find(self, purpose: Purpose, token: str, now: Millis) -> Token | None:
        with Session(self._engine) as session:
            found = session.get(TokenRow, digest(token))
            if found is None or found.purpose != purpose or found.expires_at <= now:
                return None
            return Token(user_id=found.user_id)

    def spend(self, purpose: Purpose, token: str, now: Millis) -> Token | None:
        """Use a token up: of many who try at once, one gets it."""
        with Session(self._engine) as session, session.begin():
            spent = session.execute(
                delete(TokenRow)
                .where(TokenRow.digest == digest(token), TokenRow.purpose == purpose, TokenRow.expires_at > now)
                .returning(TokenRow.user_id)
            ).first()
            return None if spent is None else Token(user_id=spent[0])

    def drop(self, purpose: Purpose, user_id: str | None, *, but: str = "") -> None:
        """All of a person's tokens of a purpose, but one."""
        with Session(self._engine) as session, session.begin():
            session.execute(
                delete(TokenRow).where(
                    TokenRow.purpose == purpose, TokenRow.user_id == user_id, TokenRow.digest != digest(but)
                )
            )


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
