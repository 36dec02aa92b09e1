"""What is published: built as it is published, installed where there is nothing else."""

import os
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

import footfall
import footfall_client

CLIENT = Path(__file__).parents[2] / "packages" / "client"
TRACKS = """
import sys
from footfall_client import Footfall, __version__
with Footfall("http://127.0.0.1:9", "KEY", scan=True, exit_timeout=0.2) as client:
    client.track("a", properties={"card": "4111 1111 1111 1111"})
told = Footfall.recording(scan=True)
told.track("a", properties={"card": "4111 1111 1111 1111"})
print(__version__, told.events[0]["properties"]["card"], client.dropped)
assert not {"footfall", "re2", "msgspec"} & sys.modules.keys()
"""


def build(source: Path, into: Path, kind: str) -> Path:
    into.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(into)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=120)
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """From the sdist, as installers without a wheel have it."""
    folder = tmp_path_factory.mktemp("client")
    with tarfile.open(build(CLIENT, folder / "sdist", "sdist")) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    return build(source, folder / "wheel", "wheel")


def test_a_wheel_holds_the_files_themselves(wheel: Path, tmp_path: Path) -> None:
    with ZipFile(wheel) as held, ZipFile(build(CLIENT, tmp_path / "direct", "wheel")) as direct:
        names = {name for name in held.namelist() if not name.startswith("footfall_client-")}
        assert names == {name for name in direct.namelist() if not name.startswith("footfall_client-")}
        there = CLIENT / "src" / "footfall_client"
        assert names == {
            f"footfall_client/{path.relative_to(there)}"
            for folder in (there, there / "privacy")
            for path in folder.iterdir()
            if path.suffix in {".py", ".typed"}
        }
        for name in names:
            assert held.read(name) == (CLIENT / "src" / name).read_bytes()


def test_it_needs_nothing_but_python(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True, timeout=120)
    (site,) = (tmp_path / "venv" / "lib").glob("*/site-packages")
    with ZipFile(wheel) as held:
        held.extractall(site)  # noqa: S202 - as above
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FOOTFALL"))}
    done = subprocess.run(
        [str(tmp_path / "venv" / "bin" / "python"), "-c", TRACKS],
        env=kept, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == f"{footfall.__version__} [card:1111] 1\n", done.stderr
    assert done.stderr.count("\n") <= 1, done.stderr  # that the server is away, once


def test_versions_and_requirements_hold_together() -> None:
    told = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]
    assert told["version"] == footfall_client.__version__ == footfall.__version__
    assert told["dependencies"] == []
