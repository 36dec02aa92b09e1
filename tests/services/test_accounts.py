"""Limits of signing in, and what tells known addresses from others: on a real catalog, with hashes that cost little."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher

from footfall.access import DEFAULT_PROJECT
from footfall.model.errors import TooMany, Unauthorized
from footfall.services import accounts as module
from footfall.services.accounts import Accounts, CodeWanted
from footfall.services.passwords import Hasher
from footfall.services.rates import Rates
from footfall.stores.catalog import Catalog, User, sqlite_url
from tests.support.moments import BASE

PASSWORD = "correct horse battery staple"
WRONG = "the wrong one, at length"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(sqlite_url(tmp_path / "catalog.db"), BASE, "UTC")) as opened:
        yield opened


@pytest.fixture
def accounts(catalog: Catalog) -> Iterator[Accounts]:
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with closing(Accounts(catalog, Rates(), quick)) as opened:
        yield opened


def member(catalog: Catalog, accounts: Accounts, email: str) -> User:
    """Somebody with a password."""
    user = catalog.people.create(email, "", BASE, role="viewer")
    accounts.set_password(user, "", "", PASSWORD, BASE)
    return catalog.people.get(user.id)


def attempt(accounts: Accounts, email: str, password: str, address: str, device: str = "") -> str:
    """What becomes of it: in, wrong, or wait; or the token by which the browser is known from now on."""
    try:
        result = accounts.sign_in(email, password, address, BASE, device)
    except Unauthorized:
        return "wrong"
    except TooMany:
        return "wait"
    assert not isinstance(result, CodeWanted)
    return result.device or "in"


def test_a_browser_that_is_known_is_not_kept_out_by_strangers_tries(catalog: Catalog, accounts: Accounts) -> None:
    for email in ("ada@example.com", "bob@example.com"):
        member(catalog, accounts, email)
    ada, bob = (attempt(accounts, f"{name}@example.com", PASSWORD, "192.0.2.1") for name in ("ada", "bob"))
    tries = [attempt(accounts, "ada@example.com", WRONG, f"203.0.113.{n // 9}") for n in range(104)]
    assert tries == ["wrong"] * 99 + ["wait"] * 5, "with the one above, a hundred an hour"
    assert attempt(accounts, "ada@example.com", PASSWORD, "192.0.2.1") == "wait", "where nobody signed in before"
    assert attempt(accounts, "ada@example.com", PASSWORD, "192.0.2.1", bob) == "wait", "known for somebody else"
    assert attempt(accounts, "ada@example.com", PASSWORD, "192.0.2.1", ada) == "in"
    guesses = [attempt(accounts, "ada@example.com", WRONG, "192.0.2.1", ada) for _ in range(12)]
    assert guesses == ["wrong"] * 9 + ["wait"] * 3, "a known browser does not guess without end either"


def test_a_failed_try_for_a_known_address_waits_for_nothing_that_one_for_another_does_not(
    catalog: Catalog, accounts: Accounts, tmp_path: Path
) -> None:
    member(catalog, accounts, "ada@example.com")
    with closing(sqlite3.connect(tmp_path / "catalog.db", isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")  # whoever writes now waits
        for email in ("ada@example.com", "nobody@example.com"):
            assert attempt(accounts, email, WRONG, "203.0.113.7") == "wrong"
        another.execute("COMMIT")
    accounts.close()
    log = catalog.audit.list(DEFAULT_PROJECT, None, 10)
    assert [one.what for one in log] == ["failed to sign in", "set a password"]


def test_a_day_has_fifty_codes(catalog: Catalog, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without that, who has the password would try 960 a day."""
    monkeypatch.setattr(module, "CODE_RATE", "1000/15 minute")
    ada = member(catalog, accounts, "ada@example.com")
    catalog.people.set_totp(ada.id, pyotp.random_base32())
    pending = catalog.tokens.create("second_factor", ada.id, BASE)
    for _ in range(50):
        with pytest.raises(Unauthorized):
            accounts.finish_sign_in(pending, "nocode", BASE)  # six characters, whatever they are
    with pytest.raises(TooMany):
        accounts.finish_sign_in(pending, "nocode", BASE)
