"""A visitor whose browser keeps nothing is one visitor for a day, and afterwards nobody that anybody could find."""

from pathlib import Path

import pytest

from footfall.model.event import Event
from footfall.stores.salts import Salts
from footfall.visitors import attributed, daily_id
from tests.support.moments import BASE, HOUR

DAY = 24 * HOUR
SALT = b"s" * 32
ADA = ("192.0.2.7", "Mozilla/5.0")


def test_the_same_address_and_agent_are_the_same_visitor() -> None:
    assert daily_id(SALT, 1, *ADA) == daily_id(SALT, 1, *ADA)


@pytest.mark.parametrize(
    "other",
    [
        daily_id(b"t" * 32, 1, *ADA),
        daily_id(SALT, 2, *ADA),
        daily_id(SALT, 1, "192.0.2.8", "Mozilla/5.0"),
        daily_id(SALT, 1, "192.0.2.7", "Mozilla/5.1"),
    ],
    ids=["salt", "project", "address", "agent"],
)
def test_another_of_these_is_another_visitor(other: str) -> None:
    assert other != daily_id(SALT, 1, *ADA)


def test_an_id_holds_nothing_of_the_address() -> None:
    assert "192" not in daily_id(SALT, 1, *ADA)
    assert len(daily_id(SALT, 1, *ADA)) == len("daily-") + 32


def test_whoever_wants_no_id_keeps_none_that_was_sent_all_the_same() -> None:
    event = Event(
        event="a", event_id="1", timestamp=BASE, received_at=BASE, user_id="u", anonymous_id="a", session_id="s"
    )
    ours = attributed(event, "daily-1")
    assert (ours.anonymous_id, ours.user_id, ours.session_id) == ("daily-1", "", "")


# ── salts ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "salts.json"


def test_a_restart_within_the_day_finds_the_salt_again(path: Path) -> None:
    made = Salts(path, BASE).make(1, BASE, BASE + DAY)
    assert Salts(path, BASE + HOUR).find(1, BASE + HOUR) == made


def test_yesterday_s_salt_is_in_no_file(path: Path) -> None:
    salts = Salts(path, BASE)
    salts.make(1, BASE, BASE + DAY)
    salts.make(2, BASE, BASE + 2 * DAY)
    before = path.read_bytes()
    salts.tidy(BASE + DAY)
    after = path.read_bytes()
    assert salts.find(1, BASE + DAY) is None
    assert salts.find(2, BASE + DAY) is not None
    assert len(after) < len(before)
    assert list(path.parent.iterdir()) == [path]


def test_a_restart_after_the_day_forgets_it_as_well(path: Path) -> None:
    Salts(path, BASE).make(1, BASE, BASE + DAY)
    Salts(path, BASE + DAY)
    assert not path.exists()


def test_two_requests_at_once_get_one_salt(path: Path) -> None:
    salts = Salts(path, BASE)
    assert salts.make(1, BASE, BASE + DAY) == salts.make(1, BASE, BASE + DAY)


def test_a_file_that_cannot_be_read_costs_no_event(path: Path) -> None:
    path.write_bytes(b"{")
    salts = Salts(path, BASE)
    assert salts.find(1, BASE) is None
    assert salts.make(1, BASE, BASE + DAY)


def test_only_the_owner_can_read_them(path: Path) -> None:
    Salts(path, BASE).make(1, BASE, BASE + DAY)
    assert path.stat().st_mode & 0o077 == 0
