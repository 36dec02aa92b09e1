"""What the bench says: tables, printed as they come and kept as Markdown."""

import msgspec
from rich.console import Console
from rich.table import Table as Printed


class Table(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    columns: list[str]
    """The first one is what a row is about, the others are numbers."""
    rows: list[list[str]]
    note: str = ""

    def show(self, console: Console) -> None:
        printed = Printed(title=self.title, caption=self.note or None)
        for place, column in enumerate(self.columns):
            printed.add_column(column, justify="right" if place else "left")
        for row in self.rows:
            printed.add_row(*row)
        console.print(printed)

    def markdown(self) -> str:
        lines = [
            f"## {self.title}",
            "",
            _row(self.columns),
            _row(["---", *["---:"] * (len(self.columns) - 1)]),
            *[_row(row) for row in self.rows],
        ]
        return "\n".join([*lines, "", self.note, ""] if self.note else [*lines, ""])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
