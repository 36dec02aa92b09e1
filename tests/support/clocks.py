"""Changes of the clock: where, when, and the local days about each."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from footfall.model.event import Millis
from footfall.model.period import to_millis
from tests.support.moments import at


class Change(NamedTuple):
    zone: str
    day: date
    """The local day on which it happens."""
    at: Millis

    def local(self, days: int, hour: int = 0, minute: int = 0) -> Millis:
        """A local time so many days after that day."""
        day = self.day + timedelta(days=days)
        return to_millis(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONES[self.zone]))

    def __str__(self) -> str:
        return f"{self.zone} {self.day}"


CHANGES = [
    Change("Europe/Berlin", date(2026, 3, 29), at("2026-03-29T01:00:00Z")),
    Change("Europe/Berlin", date(2026, 10, 25), at("2026-10-25T01:00:00Z")),
    Change("America/New_York", date(2026, 3, 8), at("2026-03-08T07:00:00Z")),
    Change("America/New_York", date(2026, 11, 1), at("2026-11-01T06:00:00Z")),
    Change("Australia/Lord_Howe", date(2026, 4, 5), at("2026-04-04T15:00:00Z")),
    Change("Australia/Lord_Howe", date(2026, 10, 4), at("2026-10-03T15:30:00Z")),
]
"""By an hour, and by half an hour, in both directions."""
ZONES = {change.zone: ZoneInfo(change.zone) for change in CHANGES}
