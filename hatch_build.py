"""Building the wheel also builds what browsers run, so that nothing built and nothing of others is in the repository.

The bundles are written into `src/footfall/http/bundle/`, which git ignores and the wheel holds. Node is the machine's
or, for the time of the build, PyPI's (ADR 0020).
"""

import importlib.util
import shutil
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = "src/footfall/http/bundle"
WORKSPACES = ("packages/browser", "examples/shop", "dashboard")
SOURCES = (
    "package.json",
    "package-lock.json",
    ".npmrc",
    "packages",
    "dashboard",
    "examples",
    "tsconfig.base.json",
    "tests/browser/react-18/package.json",
    "src/footfall/demo/catalogue.json",
)
"""What `npm ci` and the bundling read."""


class BundleHook(BuildHookInterface):  # type: ignore[type-arg] - generic in hatchling's stubs alone
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        tools = _tools(Path(self.root))
        return [] if tools.find() else [tools.PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        root = Path(self.root)
        tools = _tools(root)
        node = tools.find()
        if node is None:
            raise RuntimeError(f"Building Footfall's browser files needs Node {tools.AT_LEAST} or newer with npm.")
        build_data["artifacts"].append(f"/{BUNDLE}/")
        bundle = ["npm", "run", "--silent", "bundle"]
        shutil.rmtree(root / BUNDLE, ignore_errors=True)
        if (root / "node_modules" / "esbuild").is_dir():  # whoever works on it has everything
            node.run(bundle, root)
            return
        with tempfile.TemporaryDirectory(prefix="footfall-bundle-") as folder:
            copy = Path(folder)
            for name in SOURCES:
                _copy(root / name, copy / name)
            flags = [flag for name in WORKSPACES for flag in ("--workspace", name)]
            node.run(["npm", "ci", "--ignore-scripts", "--loglevel=error", *flags], copy)
            node.run(bundle, copy)
            _copy(copy / BUNDLE, root / BUNDLE)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("node_modules", "dist"))
    else:
        shutil.copy2(source, target)


def _tools(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("footfall_node", root / "scripts" / "node.py")
    assert spec is not None  # noqa: S101 - a file that is there has a spec
    assert spec.loader is not None  # noqa: S101 - and a loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
