"""The starter plan: what S1's documents track, what the demo's shop does, and what the SDKs send by themselves.

It is a plan to begin with and to change, not one that we go by: nothing is held against it until somebody pushes it.
"""

from importlib import resources


def starter() -> list[tuple[str, str]]:
    """Its files, name and text of each, in the order of their names."""
    folder = resources.files("footfall.plan") / "starter"
    return sorted((file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml"))
