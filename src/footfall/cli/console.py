"""Where commands print: results to standard output, everything else to standard error."""

from rich.console import Console

WIDE = 200
"""Columns where there is no terminal: what reads a pipe wants whole ids and times."""

out = Console() if Console().is_terminal else Console(width=WIDE)
errors = Console(stderr=True)
