"""The code of the guide and of the package's page, run one after the other as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest

from footfall_client import analytics
from tests.client.listener import Listener

ROOT = Path(__file__).parents[2]
GUIDE, PAGE = ROOT / "docs" / "guide" / "python.md", ROOT / "packages" / "client" / "README.md"


def blocks(page: Path) -> list[str]:
    """Those that are not marked as `no-run`, which needs what somebody else has generated."""
    return re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", [GUIDE, PAGE], ids=lambda page: page.name)
def test_the_code_runs_and_its_events_arrive(
    page: Path, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOOTFALL_URL", listener.url)
    names: dict[str, Any] = {}
    sources = blocks(page)
    for source in sources:
        exec(source.replace("https://analytics.example", listener.url), names)  # noqa: S102 - ours
    analytics.close()
    tracked = re.findall(r'(?:track|event=)\(?\s*"([\w.]+)"', "\n".join(sources[: -1 if page == GUIDE else None]))
    assert sorted(set(tracked)) == sorted({event["event"] for event in listener.taken} - {"$identify", "$group"})
    assert len(tracked) >= 1
    assert "hunter2" not in str(listener.taken)
