# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Reports at work: due once, for whoever is first, and not lost while the engine is away."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.orm import Session

from footfall.alerts.message import Message
from footfall.alerts.rule import Channel
from footfall.model.errors import Unavailable
from footfall.reports.report import Report
from footfall.reports.schedule import due_after
from footfall.services.analyse import Analyst
from footfall.services.reporting import PATIENCE, SHORTEST_PAUSE, Reporting
from footfall.services.writer import Writer
from footfall.stores.catalog import Catalog, Draft, Happening, ReportDraft, StoredReport, sqlite_url
from footfall.stores.catalog.alerts import REPORT
from footfall.stores.catalog.tables import ProjectRow
from footfall.stores.spool import Spool
from tests.support.moments import BASE, HOUR, UTC
from tests.support.project import Project

DAY = 24 * HOUR
TEN = BASE
"""A Monday, ten o'clock."""


class Office:
    """A project with a report, and what two servers have open for it."""

    def __init__(self, catalog: Catalog, project: Project, spool: Spool) -> None:
        self.catalog = catalog
        self.project = project
        self.analyst = Analyst(project.warehouse, Writer(spool, project.warehouse))
        self.first, self.second = (Reporting(catalog, self.analyst, "https://stats.example") for _ in range(2))
        with Session(catalog.reports._engine) as session, session.begin():
            session.add(
                ProjectRow(
                    id=project.id, name="shop", timezone="UTC", week_start="monday", origins="[]", created_at=BASE,
                    archived_at=None,
                )
            )  # fmt: skip
        catalog.refresh()

    def add(self, **fields: Any) -> StoredReport:
        question = '{"series":[{"event":"buy"}]}'
        draft = Draft(name="Sales", description="", kind="trend", question=question)
        saved = self.catalog.saved.create(self.project.id, draft, "somebody", TEN).id
        usual = {"name": "Morning", "every": "daily", "channels": [{"type": "email", "target": "a@example.com"}]}
        report = msgspec.convert(usual | {"saved": saved} | fields, Report)
        return self.catalog.reports.create(
            self.project.id,
            ReportDraft(
                board_id=None, saved_id=saved, body=msgspec.json.encode(report).decode(), enabled=report.enabled,
                next_at=due_after(report, TEN, UTC),
            ),
            "somebody",
            TEN,
        )  # fmt: skip

    def sent(self, report: StoredReport) -> list[str]:
        """Subjects, oldest first."""
        found = self.catalog.alerts.history(self.project.id, rule_id=report.id)
        assert all(len(deliveries) == 1 for _, deliveries in found)
        return [one.detail for one, _ in reversed(found)]

    def letter(self, report: StoredReport) -> Message:
        ((_, (delivery,)), *_) = self.catalog.alerts.history(self.project.id, rule_id=report.id)
        return msgspec.json.decode(delivery.message, type=Message)


@pytest.fixture
def office(tmp_path: Path, project: Project) -> Iterator[Office]:
    with (
        closing(Catalog(sqlite_url(tmp_path / "catalog.db"), BASE, "UTC")) as catalog,
        closing(Spool(tmp_path / "spool.db")) as spool,
    ):
        yield Office(catalog, project, spool)


def send(reporting: Reporting, now: int) -> int:
    return asyncio.run(reporting.send_due(now))


def test_it_goes_out_when_it_is_due_and_not_again(office: Office) -> None:
    office.project.story(ann=[("buy", 0), ("buy", 1), ("buy", -86_400)])
    one = office.add()
    eight = TEN + 22 * HOUR
    assert [send(office.first, now) for now in (TEN, eight - 1, eight, eight, eight + 23 * HOUR)] == [0, 0, 1, 0, 0]
    assert send(office.first, eight + DAY) == 1
    assert office.sent(one) == ["Morning: Mon 2 Mar 2026", "Morning: Tue 3 Mar 2026"]
    assert office.letter(one).link == (
        f"https://stats.example/trends?kind=trend&saved={one.saved_id}&project={office.project.id}"
    )


def test_of_two_servers_one_sends_it(office: Office) -> None:
    one = office.add()
    now = TEN + DAY

    async def both() -> list[int]:
        return await asyncio.gather(office.first.send_due(now), office.second.send_due(now))

    assert sum(asyncio.run(both())) == 1
    assert len(office.sent(one)) == 1


def test_the_numbers_are_those_of_the_day_and_of_the_one_before(office: Office) -> None:
    office.project.story(ann=[("buy", second) for second in (0, 1, 2, -86_400, -86_401)])
    one = office.add()
    send(office.first, TEN + DAY)
    letter = office.letter(one).letter
    assert letter is not None
    (section,) = letter.data["sections"]
    (figure,) = section["figures"]
    assert (figure["name"], figure["value"], figure["previous"], figure["change"]) == ("buy", 3, 2, 50)
    assert office.letter(one).kind == REPORT


def test_while_the_engine_is_away_it_stays_due(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    one = office.add()
    now = TEN + DAY

    async def away(*_: object) -> None:
        raise Unavailable("The ClickHouse engine does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(office.analyst, "insight", away)
        assert send(office.first, now) == 0
    assert office.sent(one) == []
    assert [send(office.first, now + later) for later in (1000, SHORTEST_PAUSE)] == [0, 1]


def test_after_six_hours_it_says_that_the_engine_does_not_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = office.add()

    async def away(*_: object) -> None:
        raise Unavailable("The ClickHouse engine does not answer.")

    monkeypatch.setattr(office.analyst, "insight", away)
    assert send(office.first, one.next_at + PATIENCE) == 1
    letter = office.letter(one).letter
    assert letter is not None
    assert "No numbers: The ClickHouse engine does not answer." in letter.text


def test_one_with_a_fault_in_it_holds_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, one = office.add(name="Broken"), office.add()
    happening = office.first.happening

    def faulty(report: Report, said: Message) -> Happening:
        if report.name == "Broken":
            raise ValueError(report.name)
        return happening(report, said)

    monkeypatch.setattr(office.first, "happening", faulty)
    assert [send(office.first, TEN + DAY + later) for later in (0, 20_000, 60_000)] == [1, 0, 0]
    assert (office.sent(broken), len(office.sent(one))) == ([], 1)


def test_what_is_changed_while_it_is_written_is_written_anew(office: Office) -> None:
    one = office.add()
    report = msgspec.json.decode(one.body, type=Report)
    said = asyncio.run(office.first.message(one.id, report, one.next_at, office.project.context(TEN + DAY)))
    other = msgspec.structs.replace(report, name="Another")
    draft = ReportDraft(
        board_id=None, saved_id=one.saved_id, body=msgspec.json.encode(other).decode(), enabled=True,
        next_at=one.next_at,
    )  # fmt: skip
    office.catalog.reports.change(office.project.id, one.id, draft, TEN)
    assert not office.catalog.reports.claim(one, one.next_at + DAY, office.first.happening(report, said), TEN)
    assert send(office.first, TEN + DAY) == 1
    assert office.sent(one) == ["Another: Mon 2 Mar 2026"]


def test_R7_of_a_project_that_moves_to_another_zone_no_day_is_told_twice(office: Office) -> None:
    office.project.story(ann=[("buy", hour * 3600) for hour in range(96)])
    one = office.add(at="23:30")
    sent: list[int] = []
    for hour in range(30):
        if hour == 5:
            office.catalog.projects.change(office.project.id, timezone="Asia/Tokyo")
        sent += [hour] * send(office.first, TEN + hour * HOUR + HOUR // 2)
    # 23:30 in UTC would have been at the thirteenth hour; in Tokyo it is at the fourth, and at the twenty-eighth.
    assert sent == [28]
    assert office.sent(one) == ["Morning: Mon 2 Mar 2026"]


def test_R11_a_clock_of_the_question_hides_nothing_of_the_report_s_days(office: Office) -> None:
    office.project.story(ann=[("buy", 0)])
    draft = Draft(
        name="Old", description="", kind="trend",
        question='{"series":[{"event":"buy"}],"now":"2026-01-01","compare":"previous_year"}',
    )  # fmt: skip
    saved = office.catalog.saved.create(office.project.id, draft, "somebody", TEN).id
    mail = Channel(type="email", target="a@example.com")
    report = Report(name="R", every="daily", saved=saved, channels=[mail])
    digest = asyncio.run(office.first.digest(report, TEN + DAY, office.project.context(TEN + DAY)))
    assert [one.value for one in digest.sections[0].figures] == [1]


def test_one_that_cannot_be_read_holds_up_no_other(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    broken, one = office.add(), office.add()
    draft = ReportDraft(
        board_id=None, saved_id=broken.saved_id, body='{"name":7}', enabled=True, next_at=broken.next_at
    )
    office.catalog.reports.change(office.project.id, broken.id, draft, TEN)
    assert [send(office.first, TEN + DAY + round_ * 60_000) for round_ in range(3)] == [1, 0, 0]
    assert (office.sent(broken), len(office.sent(one))) == ([], 1)
    assert caplog.text.count(f"the report {broken.id} cannot be written") == 1


def test_of_a_project_that_is_archived_nothing_is_sent(office: Office) -> None:
    one = office.add()
    office.catalog.projects.archive(office.project.id, TEN)
    assert send(office.first, TEN + DAY) == 0
    office.catalog.projects.archive(office.project.id, None)
    assert send(office.first, TEN + DAY) == 1
    assert len(office.sent(one)) == 1


def test_one_that_is_off_or_changed_meanwhile_is_not_sent(office: Office) -> None:
    one = office.add(enabled=False)
    assert send(office.first, TEN + DAY) == 0
    on = office.add()
    stale = msgspec.structs.replace(on, next_at=on.next_at - 1)
    said = asyncio.run(
        office.first.message(
            on.id, msgspec.json.decode(on.body, type=Report), on.next_at, office.project.context(TEN + DAY)
        )
    )
    happened = office.first.happening(msgspec.json.decode(on.body, type=Report), said)
    assert office.catalog.reports.claim(stale, on.next_at + DAY, happened, TEN) is False
    assert office.sent(on) == office.sent(one) == []
