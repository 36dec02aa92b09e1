"""The machine: how much memory and disk there is for us. Nothing is kept; each call looks."""

import os
from pathlib import Path

import msgspec

RESERVE = 256 * 1024**2
RESERVED_PART = 20
"""Of a disk, a twentieth is left free, or `RESERVE` where that is less."""
_CGROUPS = Path("/sys/fs/cgroup")


class Disk(msgspec.Struct, frozen=True):
    """A file system, in bytes."""

    size: int
    free: int
    """What we may fill; some systems keep a part for root."""

    @property
    def reserve(self) -> int:
        """What is left free by default."""
        return min(RESERVE, self.size // RESERVED_PART)


def disk_of(folder: Path | str) -> Disk:
    found = os.statvfs(folder)
    return Disk(size=found.f_blocks * found.f_frsize, free=found.f_bavail * found.f_frsize)


def memory() -> int:
    """Bytes of memory that this process may use: the machine's, or its container's where that is less."""
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_limits_of_cgroups()])


def _limits_of_cgroups() -> list[int]:
    try:
        lines = Path("/proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return []
    found: list[int] = []
    for line in lines:
        _, controllers, own = line.split(":", 2)
        if controllers == "":  # version 2
            root, name = _CGROUPS, "memory.max"
        elif "memory" in controllers.split(","):
            root, name = _CGROUPS / "memory", "memory.limit_in_bytes"
        else:
            continue
        # What holds a group holds the groups in it.
        inside = root / own.lstrip("/")
        found += [_limit(place / name) for place in (inside, *inside.parents) if place.is_relative_to(root)]
    return [limit for limit in found if limit]


def _limit(path: Path) -> int:
    try:
        text = path.read_text("utf-8").strip()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0


def in_words(size: int) -> str:
    """`4 GiB`, `12.5 MiB`."""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{size} bytes"
