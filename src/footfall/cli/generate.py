"""`footfall plan codegen`, `coverage` and `init`: the plan beside the sources that go by it."""

import os
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from footfall.cli.console import errors, out
from footfall.cli.plan import Format, FormatOption, PathsArgument, escaped, files_of, one_line, plan_of
from footfall.model.errors import BadRequest, Conflict, NotFound
from footfall.plan.bundle import Bundle
from footfall.plan.codegen import TARGETS, python
from footfall.plan.coverage import LANGUAGES, Call, Coverage, calls, coverage
from footfall.stores.starter import starter

SKIPPED = frozenset({"node_modules", "dist", "build", "venv", "__pycache__", "target", "coverage"})
"""Folders of what others wrote, or machines; hidden ones are, too."""
MAX_SOURCE = 1024 * 1024
"""Bytes: a larger file was not written by hand."""
_FULL = 100

# ── code ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Target(StrEnum):
    ts = "ts"
    py = "py"
    md = "md"
    json = "json"


CODEGEN = (
    "Example: [bold]footfall plan codegen ts --output src/events.ts[/]"
    " · footfall plan codegen py plan/ --output events.py --check"
)


def codegen(
    target: Annotated[Target, typer.Argument(help="TypeScript, Python, a page for people, or the bundle.")],
    paths: PathsArgument = None,
    output: Annotated[Path | None, typer.Option(help="A file; otherwise standard output.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit status 1 when the file is another.")
    ] = False,
    structs: Annotated[
        bool, typer.Option("--structs", help="Python: also a msgspec Struct for each event, to check with.")
    ] = False,
) -> None:
    """Write down the plan for programs and people: types of events, or a table of them."""
    if check and output is None:
        raise BadRequest("Say with --output which file to check.", path="--check")
    if structs and target is not Target.py:
        raise BadRequest("Structs are of Python.", path="--structs")
    generate: Callable[[Bundle], str] = partial(python, structs=True) if structs else TARGETS[target]
    text = generate(plan_of(files_of(paths)))
    if output is None:
        sys.stdout.write(text)
        return
    try:
        if not check:
            output.write_text(text, "utf-8", newline="\n")
        elif not output.exists() or output.read_bytes().replace(b"\r\n", b"\n") != text.encode():
            errors.print(f"{output} is not what the plan says now; make it again without --check.", highlight=False)
            raise typer.Exit(1)
    except OSError as error:
        raise BadRequest(str(error), path="--output") from None


# ── coverage ─────────────────────────────────────────────────────────────────────────────────────────────────

COVERAGE = "Example: [bold]footfall plan coverage src/ --format github[/] · footfall plan coverage --plan plan/ web api"


def coverage_(
    sources: Annotated[list[Path], typer.Argument(help="Files and folders: TypeScript, JavaScript, HTML, Python.")],
    plan: Annotated[
        list[Path] | None, typer.Option(help="The plan; plan.yaml or plan/ where nothing is said. Repeatable.")
    ] = None,
    form: FormatOption = Format.text,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit status 1 also for what is never sent, deprecated, or named at run time."),
    ] = False,
) -> None:
    """Say where the planned events are sent. Exit status 1 for one that the plan does not know."""
    bundle = plan_of(files_of(plan))
    found = coverage(bundle, [call for path in sources for call in _calls_below(path)])
    _SHOWN[form](found)
    if found.unplanned or (strict and (found.never_sent or found.dynamic or found.deprecated)):
        raise typer.Exit(1)


def _calls_below(path: Path) -> Iterator[Call]:
    for file in _sources(path):
        try:
            text = "" if file.stat().st_size > MAX_SOURCE else file.read_text("utf-8")
        except (OSError, UnicodeError):  # no source of anybody's
            continue
        yield from calls(file.as_posix(), text)


def _sources(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif not path.exists():
        raise NotFound(f"There is no {path}.")
    for folder, inner, names in os.walk(path):
        inner[:] = sorted(name for name in inner if name not in SKIPPED and not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if file.suffix.lower() in LANGUAGES and file.is_file():
                yield file


def _findings(found: Coverage) -> Iterator[tuple[str, Call, str]]:
    """Level, place and sentence of each."""
    for one in found.unplanned:
        meant = f"; did you mean “{one.suggestion}”?" if one.suggestion else ""
        yield "error", one.call, f"“{one.event}” is not planned{meant}"
    for call in found.deprecated:
        yield "warning", call, f"“{call.event or call.said}” is deprecated"
    for call in found.dynamic:
        yield "warning", call, f"the name is made at run time: {call.said}"


def _as_text(found: Coverage) -> None:
    for level, call, said in _findings(found):
        line = Text(f"{call.file}:{call.line}:{call.column}: ")
        out.print(line.append(level, "red" if level == "error" else "yellow").append(f": {said}"), soft_wrap=True)
    for name in found.never_sent:
        out.print(Text("never sent: ").append(name, "bold"), soft_wrap=True)
    sent, wanted = len(found.sent), len(found.sent) + len(found.never_sent)
    share = _FULL * sent // wanted if wanted else _FULL
    errors.print(f"{sent} of {wanted} events that somebody has to send are sent ({share} %).", highlight=False)


def _for_github(found: Coverage) -> None:
    for level, call, said in _findings(found):
        typer.echo(f"::{level} file={escaped(call.file)},line={call.line},col={call.column}::{one_line(said)}")
    for name in found.never_sent:
        typer.echo(f"::notice title=never sent::{one_line(name)}")


def _as_json(found: Coverage) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")


_SHOWN: dict[Format, Callable[[Coverage], None]] = {
    Format.text: _as_text,
    Format.json: _as_json,
    Format.github: _for_github,
}

# ── a beginning ──────────────────────────────────────────────────────────────────────────────────────────────

INIT = "Example: [bold]footfall plan init[/] · footfall plan init analytics/plan"


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write it; it may not have files of a plan yet.")] = Path(
        "plan"
    ),
) -> None:
    """Write the starter plan: usual events of a site with a shop, to be changed."""
    files = starter()
    there = [name for name, _ in files if (folder / name).exists()]
    if there:
        raise Conflict(f"{folder / there[0]} is there already; nothing was written.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files:
        (folder / name).write_text(text, "utf-8", newline="\n")
    errors.print(f"{len(files)} files are in {folder}. Next: footfall plan lint {folder}", highlight=False)
