"""What a plan says, in the languages of those who go by it: one function a target, from the bundle to a text.

The same plan makes the same bytes. The first line says which plan, and by which command; JSON has no comments, so there
the bundle is all. Nothing that a plan says gets out of the comment or the string that it stands in (`words`).
"""

from collections.abc import Callable

import msgspec

from footfall.plan.bundle import Bundle
from footfall.plan.codegen.markdown import markdown
from footfall.plan.codegen.python import python
from footfall.plan.codegen.typescript import typescript


def _json(bundle: Bundle) -> str:
    return msgspec.json.format(bundle.encoded().decode()) + "\n"


TARGETS: dict[str, Callable[[Bundle], str]] = {"ts": typescript, "py": python, "md": markdown, "json": _json}

__all__ = ["TARGETS", "markdown", "python", "typescript"]
