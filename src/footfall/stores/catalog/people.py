"""People who sign in, and their roles by project."""

import secrets
import threading
from typing import cast, get_args

import msgspec
from sqlalchemy import Engine, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from footfall.access import DEFAULT_PROJECT, Role
from footfall.model.errors import Conflict, NotFound
from footfall.model.event import Millis
from footfall.stores.catalog.tables import MembershipRow, ProjectRow, UserRow


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person as the server knows them; `password` is an argon2 hash, `recovery` are digests."""

    id: str
    email: str | None
    """None for an owner who came by the first link and has not said yet."""
    name: str
    password: str | None
    totp: str | None
    totp_step: int
    """The step of the last code that was taken; it and older ones are refused (RFC 6238, 5.2)."""
    recovery: tuple[str, ...]
    subject: str | None
    """Issuer and subject at an OpenID provider."""
    created_at: Millis
    roles: dict[int, Role]
    """By project; archived ones are left out."""
    archived_roles: dict[int, Role]
    """Those in archived projects, which open nothing."""

    @property
    def can_sign_in(self) -> bool:
        return self.password is not None or self.subject is not None

    @property
    def projects(self) -> frozenset[int]:
        """Every project in which the person has a role, archived ones too."""
        return frozenset({*self.roles, *self.archived_roles})

    def role_in(self, project_id: int) -> Role | None:
        """The role in a project, archived or not."""
        return self.roles.get(project_id) or self.archived_roles.get(project_id)


class People:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._deciding = threading.Lock()  # one owner must stay, which is a question and then a change

    def get(self, user_id: str) -> User:
        """Raises `NotFound`."""
        found = self._find(UserRow.id == user_id)
        if found is None:
            raise NotFound(f"There is no person {user_id[:40]}; `footfall users list` shows them.")
        return found

    def find(self, user_id: str) -> User | None:
        return self._find(UserRow.id == user_id)

    def by_email(self, email: str) -> User | None:
        return self._find(UserRow.email == email)

    def password_of(self, email: str) -> tuple[str, str | None] | None:
        """Id and password hash of whoever has the address: one question, whether somebody has or not."""
        with Session(self._engine) as session:
            row = session.execute(select(UserRow.id, UserRow.password).where(UserRow.email == email)).first()
            return None if row is None else (row.id, row.password)

    def by_subject(self, subject: str) -> User | None:
        return self._find(UserRow.subject == subject)

    def list(self, project_id: int) -> list[User]:
        """Everybody with a role in the project."""
        with Session(self._engine) as session:
            members = select(MembershipRow.user_id).where(MembershipRow.project_id == project_id)
            rows = session.scalars(
                select(UserRow).where(UserRow.id.in_(members)).order_by(UserRow.created_at, UserRow.id)
            )
            return [_user(session, row) for row in rows]

    def has_owner(self, project_id: int) -> bool:
        """Whether somebody owns the project and can sign in."""
        with Session(self._engine) as session:
            return (
                session.scalar(
                    _owners(project_id)
                    .join(UserRow, UserRow.id == MembershipRow.user_id)
                    .where(or_(UserRow.password.is_not(None), UserRow.subject.is_not(None)))
                )
                or 0
            ) > 0

    def has_passwords(self) -> bool:
        """Whether anybody signs in with a password."""
        with Session(self._engine) as session:
            return session.scalar(select(UserRow.id).where(UserRow.password.is_not(None)).limit(1)) is not None

    def create(
        self, email: str | None, name: str, now: Millis, *, role: Role | None = None, project_id: int = DEFAULT_PROJECT
    ) -> User:
        """Somebody new, with a role where one is given. Raises `Conflict` when somebody has that address."""
        row = UserRow(
            id=f"user_{secrets.token_hex(6)}", email=email, name=name, password=None, totp=None, totp_step=0,
            recovery="", subject=None, created_at=now,
        )  # fmt: skip
        with self._deciding, Session(self._engine) as session, session.begin():
            if email is not None and session.scalar(select(UserRow.id).where(UserRow.email == email)) is not None:
                raise Conflict("Somebody has that e-mail address already.", path="$.email")
            session.add(row)
            session.flush()
            if role is not None:
                session.add(MembershipRow(user_id=row.id, project_id=project_id, role=role))
                session.flush()
            return _user(session, row)

    def change(
        self,
        user_id: str,
        *,
        email: str | None = None,
        name: str | None = None,
        password: str | None = None,
        subject: str | None = None,
    ) -> None:
        """What is not None. Raises `Conflict` when somebody has that address."""
        wanted = {"email": email, "name": name, "password": password, "subject": subject}
        with self._deciding, Session(self._engine) as session, session.begin():
            if email is not None and session.scalar(
                select(UserRow.id).where(UserRow.email == email, UserRow.id != user_id)
            ):
                raise Conflict("Somebody has that e-mail address already.", path="$.email")
            session.execute(
                update(UserRow)
                .where(UserRow.id == user_id)
                .values({column: value for column, value in wanted.items() if value is not None})
            )

    def forget_credentials(self, user_id: str, *, subject: str | None = None) -> None:
        """No password, no second factor and no account at a provider but `subject` from now on."""
        nothing = {"password": None, "totp": None, "totp_step": 0, "recovery": "", "subject": subject}
        with Session(self._engine) as session, session.begin():
            session.execute(update(UserRow).where(UserRow.id == user_id).values(nothing))

    def set_totp(self, user_id: str, totp: str | None, recovery: tuple[str, ...] = (), step: int = 0) -> None:
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(UserRow)
                .where(UserRow.id == user_id)
                .values(totp=totp, totp_step=step, recovery=" ".join(recovery))
            )

    def take_step(self, user_id: str, step: int) -> bool:
        """Use a code's step up; False when it or a later one was taken before."""
        with Session(self._engine) as session, session.begin():
            return bool(
                session.execute(
                    update(UserRow)
                    .where(UserRow.id == user_id, UserRow.totp_step < step)
                    .values(totp_step=step)
                    .returning(UserRow.id)
                ).first()
            )

    def take_recovery(self, user_id: str, code: str) -> bool:
        """Use a recovery code up, given as its digest."""
        with self._deciding, Session(self._engine) as session, session.begin():
            row = session.get(UserRow, user_id, with_for_update=True)
            left = [] if row is None else row.recovery.split()
            if row is None or code not in left:
                return False
            left.remove(code)
            row.recovery = " ".join(left)
            return True

    # ── roles ────────────────────────────────────────────────────────────────────────────────────────────────

    def set_role(self, user_id: str, project_id: int, role: Role) -> None:
        """Raises `Conflict` when the project would have no owner left."""
        with self._deciding, Session(self._engine) as session, session.begin():
            row = session.get(MembershipRow, (user_id, project_id))
            if row is None:
                session.add(MembershipRow(user_id=user_id, project_id=project_id, role=role))
                return
            if row.role == "owner" and role != "owner":
                _keep_an_owner(session, project_id)
            row.role = role

    def join(self, user_id: str, project_id: int, role: Role) -> None:
        """Give a role to somebody who has none in the project; whoever has one keeps it."""
        with self._deciding, Session(self._engine) as session, session.begin():
            if session.get(MembershipRow, (user_id, project_id)) is None:
                session.add(MembershipRow(user_id=user_id, project_id=project_id, role=role))

    def remove(self, user_id: str, project_id: int) -> None:
        """Take a person's role away; who has none left is forgotten. Raises `Conflict`."""
        with self._deciding, Session(self._engine) as session, session.begin():
            row = session.get(MembershipRow, (user_id, project_id))
            if row is not None:
                if row.role == "owner":
                    _keep_an_owner(session, project_id)
                session.delete(row)
                session.flush()
            if not session.scalar(
                select(func.count()).select_from(MembershipRow).where(MembershipRow.user_id == user_id)
            ):
                session.execute(delete(UserRow).where(UserRow.id == user_id))

    def _find(self, condition: object) -> User | None:
        with Session(self._engine) as session:
            row = session.scalar(select(UserRow).where(condition))  # pyright: ignore[reportArgumentType]
            return None if row is None else _user(session, row)


def _owners(project_id: int) -> Select[int]:
    return (
        select(func.count())
        .select_from(MembershipRow)
        .where(MembershipRow.project_id == project_id, MembershipRow.role == "owner")
    )


def _keep_an_owner(session: Session, project_id: int) -> None:
    # The project's row is the lock where the database is shared.
    session.get(ProjectRow, project_id, with_for_update=True)
    if (session.scalar(_owners(project_id)) or 0) < 2:  # noqa: PLR2004 - this one, and another
        raise Conflict("A project keeps an owner; give the role to somebody else first.")


def _user(session: Session, row: UserRow) -> User:
    roles = session.execute(
        select(MembershipRow.project_id, MembershipRow.role, ProjectRow.archived_at)
        .join(ProjectRow, ProjectRow.id == MembershipRow.project_id)
        .where(MembershipRow.user_id == row.id)
        .order_by(MembershipRow.project_id)
    ).all()
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        password=row.password,
        totp=row.totp,
        totp_step=row.totp_step,
        recovery=tuple(row.recovery.split()),
        subject=row.subject,
        created_at=row.created_at,
        roles={project_id: _role(role) for project_id, role, archived_at in roles if archived_at is None},
        archived_roles={project_id: _role(role) for project_id, role, archived_at in roles if archived_at is not None},
    )


def _role(text: str) -> Role:
    if text not in get_args(Role):
        raise ValueError(text)
    return cast("Role", text)
