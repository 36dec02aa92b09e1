"""People who sign in: passwords, second factors, links, and who may give whom which role.

Every method is sync and may wait for argon2 or the database, so routes call it in one of `threads`. Who signed in,
failed to, or changed how they sign in goes into the audit log; no address does.
"""

import logging
import re
import secrets
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pyotp.totp
import pyotp.utils

from footfall.access import DEFAULT_PROJECT, Grant, Role
from footfall.model.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthorized
from footfall.model.event import Millis
from footfall.services.faults import log_fault
from footfall.services.passwords import LONGEST, SHORTEST, Hasher, is_expected
from footfall.services.rates import Rates
from footfall.stores.catalog import Catalog, Purpose, Token, User, digest

HASHERS = 2
"""Passwords hashed side by side: each takes 64 MiB for a moment, and a thread that nobody else should wait for."""
RECOVERY_CODES = 10
STEP_S = 30
DIGITS = 6
LINKS: frozenset[Purpose] = frozenset({"first", "link", "invitation"})
"""Tokens that travel in a link."""
ISSUER = "Footfall"

PAIR_RATE = "10/15 minute"
"""Tries of one address for one account."""
ADDRESS_RATE = "50/15 minute"
"""Tries of one address for any account."""
ACCOUNT_RATE = "100/hour"
"""Tries for one account from all browsers in which its person never signed in; the others have `PAIR_RATE` each."""
CODE_RATE = "10/15 minute"
"""Codes for one account, and as many recovery codes."""
DAY_OF_CODES = "50/day"
"""Six digits are right in three of a million tries: in a year of these somebody with the password gets in by 5 %."""
WAIT = "Too many attempts. Wait a little, then try again."

_log = logging.getLogger("footfall.accounts")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,189}")


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    session: str
    """A token for the cookie."""
    device: str | None = None
    """One for the browser to be known by, where it was not known yet."""


class CodeWanted(msgspec.Struct, frozen=True, kw_only=True):
    pending: str
    """A token that says the password was right; a code turns it into a session."""


class Accounts:
    def __init__(self, catalog: Catalog, rates: Rates, hasher: Hasher) -> None:
        self._catalog = catalog
        self._rates = rates
        self._hasher = hasher
        self.threads = ThreadPoolExecutor(HASHERS, thread_name_prefix="footfall-accounts")
        self._afterwards = ThreadPoolExecutor(1, thread_name_prefix="footfall-records")

    def close(self) -> None:
        """Once nobody asks any more: what is still to be written down is."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        self._afterwards.shutdown()

    # ── signing in ───────────────────────────────────────────────────────────────────────────────────────────

    def first_link(self, now: Millis) -> str | None:
        """A token that makes the first owner; None once somebody owns the default project and can sign in."""
        if self._catalog.people.has_owner(DEFAULT_PROJECT):
            return None
        self._catalog.tokens.drop("first", None)
        return self._catalog.tokens.create("first", None, now)

    def link(self, token: str, now: Millis) -> Token | None:
        """What a link is for, without spending it; None for one that is no longer good."""
        found = self._catalog.tokens.look_at(token, now)
        return found if found is not None and found.purpose in LINKS else None

    def open_link(self, token: str, now: Millis) -> SignedIn | None:
        """Spend a link that signs in.

        Whoever had a password, a second factor or an account at a provider begins anew: a link is for those who lost
        them.
        """
        first = self._catalog.tokens.spend("first", token, now)
        if first is not None:
            user_id = self._first_owner(now)
        else:
            link = self._catalog.tokens.spend("link", token, now)
            if link is None or link.user_id is None:
                return None
            user_id = link.user_id
            self._forget(user_id)
        return self.let_in(user_id, "signed in by a link", now)

    def sign_in(self, email: str, password: str, address: str, now: Millis, device: str = "") -> SignedIn | CodeWanted:
        """Raises `Unauthorized`, without saying which of both was wrong; `TooMany`. `device` is a browser's token."""
        email = email.strip().lower()
        user_id, hashed = self._catalog.people.password_of(email) or (None, None)
        whom = digest(email)
        if self._knows(device, user_id, now):
            self._rates.count(PAIR_RATE, f"sign-in {digest(device)} {whom}", WAIT)
        else:
            whence = self._rates.unnamed(address)
            self._rates.count(PAIR_RATE, f"sign-in {whence} {whom}", WAIT)
            self._rates.count(ADDRESS_RATE, f"sign-in {whence}", WAIT)
            self._rates.count(ACCOUNT_RATE, f"sign-in {whom}", WAIT)
        # Whoever is unknown here takes as long as somebody who is not, and what is written down waits.
        right = self._hasher.is_right(hashed or self._hasher.nobodys, password)
        user = self._catalog.people.find(user_id) if right and user_id is not None else None
        if user is None or user.password is None or user.password != hashed:
            if user_id is not None:
                self._afterwards.submit(self._note_failure, now, user_id)
            raise Unauthorized("The e-mail address or the password is wrong.")
        if self._hasher.is_old(user.password):
            self._catalog.people.change(user.id, password=self._hasher.hash(password))
        if user.totp is not None:
            return CodeWanted(pending=self._catalog.tokens.create("second_factor", user.id, now))
        return self._known_from_now_on(self.let_in(user.id, "signed in", now), user.id, device, now)

    def finish_sign_in(self, pending: str, code: str, now: Millis, device: str = "") -> SignedIn:
        """A code of the second factor, or a recovery code. Raises `Unauthorized`, `TooMany`."""
        found = self._catalog.tokens.find("second_factor", pending, now)
        user = None if found is None or found.user_id is None else self._catalog.people.find(found.user_id)
        if user is None or user.totp is None:
            raise Unauthorized("That took too long; begin anew.")
        code = re.sub(r"[\s-]", "", code).lower()
        if len(code) == DIGITS:
            self._rates.count(CODE_RATE, f"code {user.id}", WAIT)
            self._rates.count(DAY_OF_CODES, f"code {user.id}", WAIT)
        else:
            self._rates.count(CODE_RATE, f"recovery {user.id}", WAIT)
        step = _step_of(user.totp, code, now)
        taken = (
            self._catalog.people.take_step(user.id, step)
            if step is not None
            else self._catalog.people.take_recovery(user.id, digest(code))
        )
        if not taken:
            self._note(now, user.id, "gave a wrong code")
            raise Unauthorized("That code is wrong or was used before.")
        if self._catalog.tokens.spend("second_factor", pending, now) is None:
            raise Unauthorized("That took too long; begin anew.")
        signed_in = self.let_in(user.id, "signed in" if step is not None else "signed in by a recovery code", now)
        return self._known_from_now_on(signed_in, user.id, device, now)

    def sign_in_by_provider(self, subject: str, email: str | None, now: Millis) -> SignedIn:
        """Somebody for whom an OpenID provider vouches, and who has been added here; `email` is a verified one.

        Raises `Unauthorized`.
        """
        user = self._catalog.people.by_subject(subject)
        if user is None:
            if email is None:
                raise Unauthorized("The provider does not say that it has verified your e-mail address.")
            user = self._catalog.people.by_email(email.strip().lower())
            if user is None:
                raise Unauthorized("Nobody has added you here; ask an administrator to.")
            if user.subject is not None:
                raise Unauthorized(
                    "Your address belongs to another account at the provider here; ask an administrator for a link."
                )
            # The provider has verified whose the address is. Who had a password for it before may be somebody else.
            self._forget(user.id, subject=subject)
            self._note(now, user.id, "linked to the OpenID provider")
        return self.let_in(user.id, "signed in by the OpenID provider", now)

    def accept(self, token: str, user: User | None, now: Millis) -> int | None:
        """Spend an invitation: the project in which `user` has a role from now on. None for one that is no longer good.

        Raises `Unauthorized` unless it is for `user`: of an account somebody else may have made, only who can get in
        and holds the link as well is given more (ADR 0035).
        """
        found = self._catalog.tokens.find("invitation", token, now)
        if found is None or found.project_id is None or found.role is None:
            return None
        if user is None or user.id != found.user_id:
            raise Unauthorized(
                "This invitation is for somebody who has an account here. Sign in with it, then open the link again."
            )
        if self._catalog.tokens.spend("invitation", token, now) is None:
            return None
        self._catalog.people.join(user.id, found.project_id, found.role)
        # After the role, so that `new_link` sees the role, or its link is dropped here.
        self._catalog.tokens.drop("link", user.id)
        self._catalog.audit.add(now, found.project_id, user.id, "did", "accepted an invitation", user.id)
        return found.project_id

    def sign_out(self, session: str, now: Millis) -> None:
        spent = self._catalog.tokens.spend("session", session, now)
        if spent is not None and spent.user_id is not None:
            self._note(now, spent.user_id, "signed out")

    def let_in(self, user_id: str, how: str, now: Millis) -> SignedIn:
        session = self._catalog.tokens.create("session", user_id, now)
        self._note(now, user_id, how)
        return SignedIn(session=session)

    # ── one's own account ────────────────────────────────────────────────────────────────────────────────────

    def set_password(
        self, user: User, session: str, current: str, new: str, now: Millis, *, email: str = "", name: str = ""
    ) -> None:
        """A new password; every other session ends. Raises `BadRequest`, `Unauthorized`, `Conflict`, `TooMany`."""
        if user.password is not None:
            self._check_password(user, current)
        address = user.email or email_of(email)
        name = user.name or name_of(name)
        if not SHORTEST <= len(new) <= LONGEST:
            raise BadRequest(f"A password has {SHORTEST} to {LONGEST} characters.", path="$.new")
        if is_expected(new, address, address.partition("@")[0], name):
            raise BadRequest("That is among the first that somebody would try; choose another.", path="$.new")
        self._catalog.people.change(user.id, password=self._hasher.hash(new), email=address, name=name or None)
        self._catalog.tokens.drop("session", user.id, but=session)
        self._catalog.tokens.drop("link", user.id)
        self._note(now, user.id, "set a password")

    def begin_second_factor(self, user: User) -> tuple[str, str]:
        """A fresh secret, and the address that an authenticator app scans. Nothing is kept yet."""
        secret = pyotp.random_base32()
        return secret, pyotp.totp.TOTP(secret).provisioning_uri(name=user.email or user.id, issuer_name=ISSUER)

    def confirm_second_factor(self, user: User, secret: str, code: str, now: Millis) -> tuple[str, ...]:
        """Ask for a code from now on; the recovery codes, shown this once. Raises `BadRequest`, `Conflict`.

        One that is there is turned off first, which takes the password: a borrowed session is not enough.
        """
        if user.totp is not None:
            raise Conflict("There is a second factor already; turn it off first.", path="$.secret")
        if re.fullmatch(r"[A-Z2-7]{32}", secret) is None:
            raise BadRequest("Begin anew: that is no secret of ours.", path="$.secret")
        step = _step_of(secret, re.sub(r"\s", "", code), now)
        if step is None:
            raise BadRequest("That code does not fit; is the clock of the device right?", path="$.code")
        codes = tuple(secrets.token_hex(5) for _ in range(RECOVERY_CODES))
        self._catalog.people.set_totp(user.id, secret, tuple(digest(one) for one in codes), step)
        self._note(now, user.id, "turned the second factor on")
        return tuple(f"{one[:5]}-{one[5:]}" for one in codes)

    def drop_second_factor(self, user: User, password: str, now: Millis) -> None:
        """Raises `Unauthorized`, `TooMany`."""
        self._check_password(user, password)
        self._catalog.people.set_totp(user.id, None)
        self._note(now, user.id, "turned the second factor off")

    # ── other people's ───────────────────────────────────────────────────────────────────────────────────────

    def add(self, grant: Grant, email: str, name: str, role: Role, now: Millis) -> tuple[User | None, str]:
        """Somebody new with a role in the project, and the token of a link that signs them in.

        For an address that has an account, None and the token of an invitation: whoever made that account may be
        somebody else, so nothing is given to it before its holder brings the link (ADR 0035). Raises `BadRequest`,
        `Conflict`, `Forbidden`.
        """
        _check_may_give(grant, role)
        email, name = email_of(email), name_of(name)
        known = self._catalog.people.by_email(email)
        if known is None:
            user = self._catalog.people.create(email, name, now, role=role, project_id=grant.project_id)
            return user, self._fresh_link(user.id, now)
        if known.role_in(grant.project_id) is not None:
            raise Conflict("That person has a role in the project already.", path="$.email")
        self._catalog.tokens.drop("invitation", known.id, project_id=grant.project_id)
        return None, self._catalog.tokens.create("invitation", known.id, now, project_id=grant.project_id, role=role)

    def set_role(self, grant: Grant, user_id: str, role: Role) -> User:
        """Raises `NotFound`, `Forbidden`, `Conflict`."""
        self.member(grant, user_id)
        _check_may_give(grant, role)
        self._catalog.tokens.drop("link", user_id)
        self._catalog.people.set_role(user_id, grant.project_id, role)
        return self._catalog.people.get(user_id)

    def remove(self, grant: Grant, user_id: str) -> None:
        """Raises `NotFound`, `Forbidden`, `Conflict`."""
        self.member(grant, user_id)
        self._catalog.people.remove(user_id, grant.project_id)

    def new_link(self, grant: Grant, user_id: str, now: Millis) -> str:
        """A link for somebody who lost password or second factor. Raises `NotFound`, `Forbidden`.

        Whoever holds it is that person, in every project; so only an operator makes one for somebody who has a
        role elsewhere too.
        """
        self.member(grant, user_id)
        self._check_only_here(grant, user_id)
        token = self._fresh_link(user_id, now)
        try:
            self._check_only_here(grant, user_id)  # still: an invitation may have been accepted meanwhile
        except Forbidden:
            self._catalog.tokens.drop("link", user_id)
            raise
        return token

    def member(self, grant: Grant, user_id: str) -> User:
        """A person of the project whose role the caller may touch. Raises `NotFound`, `Forbidden`."""
        user = self._catalog.people.find(user_id)
        role = None if user is None else user.role_in(grant.project_id)
        if user is None or role is None:
            raise NotFound(f"There is no person {user_id[:40]}; `footfall users list` shows them.")
        _check_may_give(grant, role)
        return user

    # ── small steps ──────────────────────────────────────────────────────────────────────────────────────────

    def _first_owner(self, now: Millis) -> str:
        # Who opened an earlier first link and chose no password is the same person, as far as anybody knows.
        for user in self._catalog.people.list(DEFAULT_PROJECT):
            if user.email is None and not user.can_sign_in:
                return user.id
        return self._catalog.people.create(None, "", now, role="owner").id

    def _check_only_here(self, grant: Grant, user_id: str) -> None:
        if not grant.everywhere and self._catalog.people.get(user_id).projects != frozenset({grant.project_id}):
            raise Forbidden("That person has a role elsewhere too; `footfall users link` on the server makes a link.")

    def _forget(self, user_id: str, *, subject: str | None = None) -> None:
        """Everything that let somebody in as this person; from now on `subject` alone does."""
        self._catalog.people.forget_credentials(user_id, subject=subject)
        for purpose in ("link", "session", "second_factor", "device"):
            self._catalog.tokens.drop(purpose, user_id)

    def _fresh_link(self, user_id: str, now: Millis) -> str:
        self._catalog.tokens.drop("link", user_id)
        return self._catalog.tokens.create("link", user_id, now)

    def _check_password(self, user: User, password: str) -> None:
        self._rates.count(PAIR_RATE, f"password {user.id}", WAIT)
        if not self._hasher.is_right(user.password or self._hasher.nobodys, password):
            raise Unauthorized("The password is wrong.")

    def _knows(self, device: str, user_id: str | None, now: Millis) -> bool:
        """Whether the person has signed in from the browser before."""
        found = self._catalog.tokens.find("device", device, now)
        return found is not None and found.user_id == user_id

    def _known_from_now_on(self, signed_in: SignedIn, user_id: str, device: str, now: Millis) -> SignedIn:
        if self._knows(device, user_id, now):
            return signed_in
        return SignedIn(session=signed_in.session, device=self._catalog.tokens.create("device", user_id, now))

    def _note_failure(self, now: Millis, user_id: str) -> None:
        try:
            self._note(now, user_id, "failed to sign in")
        except Exception as error:  # noqa: BLE001 - nobody waits for it who could be told
            log_fault(_log, "a failed sign-in is not in the audit log", error)

    def _note(self, now: Millis, user_id: str, what: str) -> None:
        self._catalog.audit.add(now, None, user_id, "did", what)


def email_of(text: str) -> str:
    """Raises `BadRequest`."""
    email = text.strip().lower()
    if _EMAIL.fullmatch(email) is None:
        raise BadRequest("That is no e-mail address.", path="$.email")
    return email


def name_of(text: str) -> str:
    name = " ".join(text.split())
    if len(name) > LONGEST or not name.isprintable():
        raise BadRequest(f"A name has at most {LONGEST} printable characters.", path="$.name")
    return name


def _check_may_give(grant: Grant, role: Role) -> None:
    if not grant.may_give(role):
        raise Forbidden(f"Only an owner gives, takes or changes the role “{role}”.")


def _step_of(secret: str, code: str, now: Millis) -> int | None:
    """The step whose code it is: this one, the last, the next (RFC 6238, 5.2)."""
    totp = pyotp.totp.TOTP(secret, interval=STEP_S)
    step = now // 1000 // STEP_S
    for one in (step, step - 1, step + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(one), code):
            return one
    return None
