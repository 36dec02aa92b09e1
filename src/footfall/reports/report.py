"""A report, as people write it."""

from typing import Annotated

import msgspec

from footfall.alerts.rule import Channel, channel_faults
from footfall.model.errors import BadRequest
from footfall.reports.schedule import Schedule

CHANNELS = frozenset({"email", "webhook"})


class Report(Schedule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a board or of a saved insight, one of them."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
    board: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    saved: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    channels: Annotated[list[Channel], msgspec.Meta(min_length=1, max_length=20)]
    """`email` and `webhook`."""
    enabled: bool = True


def checked(report: Report, path: str = "$") -> Report:
    """The report, if it is of one thing and goes somewhere. Raises `BadRequest` with the place of what is wrong."""
    if (report.board is None) == (report.saved is None):
        raise BadRequest("A report is of a board or of a saved insight; name one of them.", path=f"{path}.board")
    for at, channel in enumerate(report.channels):
        if channel.type not in CHANNELS:
            raise BadRequest("Reports are sent by email or webhook.", path=f"{path}.channels[{at}].type")
    for place, said in channel_faults(report.channels):
        raise BadRequest(said, path=f"{path}.{place}")
    return report
