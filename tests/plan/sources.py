"""Checkers of other people's types, run over what was generated."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BROWSER = ROOT / "packages" / "browser" / "src" / "index.ts"
CLIENT = ROOT / "packages" / "client" / "src"


def tsc(folder: Path) -> dict[tuple[str, int], str]:
    """What the compiler says about the *.ts of a folder, at its strictest: by file and line."""
    paths = {"@footfall/browser": [str(BROWSER)]}
    options = {"noEmit": True, "composite": False, "declaration": False, "declarationMap": False, "sourceMap": False}
    settings = {"extends": str(ROOT / "tsconfig.base.json"), "compilerOptions": options | {"paths": paths}}
    (folder / "tsconfig.json").write_text(json.dumps(settings | {"include": ["*.ts"]}))
    (folder / "package.json").write_text('{"type": "module"}')
    return _told(
        [str(ROOT / "node_modules" / ".bin" / "tsc"), "--pretty", "false", "-p", "."], folder, r"\((\d+),\d+\): "
    )


def bundled(folder: Path, source: str) -> str:
    """What a bundler makes of a source of the folder, minified."""
    (folder / "entry.ts").write_text(source)
    command = [str(ROOT / "node_modules" / ".bin" / "esbuild"), "entry.ts", "--bundle", "--minify", "--format=esm"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60).stdout


def basedpyright(folder: Path) -> dict[tuple[str, int], str]:
    """What the checker of this repository says about the *.py of a folder: by file and line."""
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": [str(CLIENT)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "-p", "."]
    return _told(command, folder, r":(\d+):\d+ - error: ")


def _told(command: list[str], folder: Path, place: str) -> dict[tuple[str, int], str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in {0, 1, 2}, done
    found: dict[tuple[str, int], str] = {}
    for line in done.stdout.splitlines():
        if match := re.search(rf"([\w.-]+\.(?:ts|py)){place}(.*)", line):
            found.setdefault((match[1], int(match[2])), match[3])
    assert bool(found) == (done.returncode != 0), done
    return found


def run(text: str, folder: Path, name: str = "made") -> Any:
    """The module, loaded."""
    file = folder / f"{name}.py"
    file.write_text(text)
    found = importlib.util.spec_from_file_location(name, file)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
