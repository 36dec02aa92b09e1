"""A bound on work for what a hostile sender can choose: a process that may use so much of the processor, no more.

Not a measurement: what takes a second in proportion takes hours when it goes by the square, and the kernel ends it.
"""

import subprocess
import sys
from textwrap import dedent

SECONDS = 20

_PREFACE = f"import resource; resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))\n"


def within_seconds_of_the_processor(program: str) -> None:
    ended = subprocess.run([sys.executable, "-c", _PREFACE + dedent(program)], check=False)
    assert ended.returncode == 0, "cut off by the kernel" if ended.returncode < 0 else "failed"
