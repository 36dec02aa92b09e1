"""Programs of their own, which use the client and end, or are ended."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
PATH = os.pathsep.join((str(ROOT / "packages" / "client" / "src"), str(ROOT)))


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith(("_proxy", "footfall_url"))}
    return kept | {"PYTHONPATH": PATH, "PYTHONWARNINGS": "error", **more}


def start(source: str, *words: str, **more: str) -> subprocess.Popen[str]:
    """A program, started; its output is text."""
    command = [sys.executable, "-c", dedent(source), *words]
    return subprocess.Popen(command, env=environment(**more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(source: str, *words: str, seconds: float = 60, **more: str) -> str:
    """What a program says, which ends well."""
    with start(source, *words, **more) as program:
        try:
            said, wrong = program.communicate(timeout=seconds)
        finally:
            program.kill()
    assert program.returncode == 0, wrong
    assert not wrong, wrong
    return said
