"""`footfall plan`: the tracking plan as files, judged, compared, and brought to a server."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.text import Text

from footfall.alerts.planned import fault_of
from footfall.cli.console import errors, out
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, ask_once
from footfall.model.errors import BadRequest, NotFound
from footfall.plan.bundle import Bundle, decode_bundle
from footfall.plan.diff import Change, diff, needed
from footfall.plan.document import Fault, Unreadable, schema
from footfall.plan.lint import lint, planned

app = typer.Typer(help="The tracking plan, as files in git.", no_args_is_help=True)

USUAL = (Path("plan.yaml"), Path("plan"))
"""Where a plan is looked for that nobody names."""
_ENDINGS = (".yaml", ".yml")

Files = list[tuple[str, str]]
"""Name and text of each."""

PathsArgument = Annotated[
    list[Path] | None, typer.Argument(help="Files, or folders of *.yaml; plan.yaml or plan/ where nothing is said.")
]


class Format(StrEnum):
    text = "text"
    json = "json"
    github = "github"


FormatOption = Annotated[Format, typer.Option("--format", help="github: annotations of a pull request.")]


@app.command("lint", epilog="Example: [bold]footfall plan lint plan/ --format github[/]")
def lint_(paths: PathsArgument = None, form: FormatOption = Format.text) -> None:
    """Say what is wrong with a plan. Exit status 1 when any of it is an error; warnings are none."""
    files = files_of(paths)
    faults = lint(files, fault_of)
    _tell(faults, form)
    wrong = sum(one.level == "error" for one in faults)
    if form is Format.text:
        errors.print(f"{len(files)} files: {wrong} errors, {len(faults) - wrong} warnings.", highlight=False)
    if wrong:
        raise typer.Exit(1)


@app.command("diff", epilog="Example: [bold]footfall plan diff plan/ --against origin/main[/]")
def diff_(
    paths: PathsArgument = None,
    against: Annotated[
        str, typer.Option(help="A file, a folder, a bundle (.json), or a commit of git.")
    ] = "origin/main",
    form: FormatOption = Format.text,
) -> None:
    """Say what changed. Exit status 1 when a version does not say how much: a breaking change needs a major."""
    after = plan_of(files_of(paths))
    changes = diff(_before(against, paths), after)
    _SHOWN_CHANGES[form](changes)
    if form is Format.text and not changes:
        errors.print("Nothing changed.")
    if any(change.unversioned for change in changes):
        raise typer.Exit(1)


@app.command(
    "push", epilog="Example: [bold]footfall plan push plan/ --environment production --url https://stats.example[/]"
)
def push(
    paths: PathsArgument = None,
    environment: Annotated[str, typer.Option(help="Which of the plan's environments the project is.")] = "",
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Put the plan in place: from then on every event of the project is held against it."""
    body = {"files": dict(files_of(paths))}
    params = {"environment": environment} if environment else {}
    pushed = asyncio.run(ask_once(data, url, key, "PUT", "/api/plan", project=project, json=body, params=params))
    _tell(msgspec.convert(pushed["warnings"], list[Fault]), Format.text)
    errors.print(f"Version {pushed['number']} of the plan ({pushed['sha']}) counts now.", highlight=False)


@app.command("bundle", epilog="Example: [bold]footfall plan bundle plan/ > plan.json[/]")
def bundle(paths: PathsArgument = None) -> None:
    """Print the compiled plan: JSON Schema 2020-12 for each event, the same bytes for the same plan."""
    typer.echo(plan_of(files_of(paths)).encoded())


@app.command("schema", epilog="Example: [bold]footfall plan schema > plan.schema.json[/]")
def schema_() -> None:
    """Print the JSON Schema of a plan file, for editors."""
    typer.echo(json.dumps(schema(), indent=2))


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────


def files_of(paths: list[Path] | None) -> Files:
    """The files that were meant, in a stable order. Raises `NotFound`, `BadRequest`."""
    named = paths or [path for path in USUAL if path.exists()]
    if not named:
        raise NotFound(f"There is no {USUAL[0]} and no folder {USUAL[1]} here; name the files of the plan.")
    found: list[Path] = []
    for path in named:
        if path.is_dir():
            found += sorted(one for one in path.rglob("*") if one.suffix in _ENDINGS)
        elif path.exists():
            found.append(path)
        else:
            raise NotFound(f"There is no {path}.")
    if not found:
        raise NotFound(f"There is no *.yaml in {', '.join(map(str, named))}.")
    return [(str(path), _text(path)) for path in dict.fromkeys(found)]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise BadRequest(f"{path} cannot be read: {error}") from None


def plan_of(files: Files) -> Bundle:
    try:
        return planned(files)
    except Unreadable as unreadable:
        _tell(unreadable.faults, Format.text)
        raise typer.Exit(1) from None


def _before(against: str, paths: list[Path] | None) -> Bundle:
    place = Path(against)
    if place.suffix == ".json" and place.exists():
        try:
            return decode_bundle(_text(place))
        except msgspec.MsgspecError as error:
            raise BadRequest(f"{place} is no bundle: {error}") from None
    if place.exists():
        return plan_of(files_of([place]))
    return plan_of(_of_commit(against, paths or [path for path in USUAL if path.exists()]))


def _of_commit(commit: str, paths: Iterable[Path]) -> Files:
    """The files as they were. A file that was not there yet is none."""
    if not re.fullmatch(r"[\w./~^@{}-]+", commit) or commit.startswith("-"):
        raise BadRequest(f"“{commit[:60]}” is neither a file nor a commit.", path="--against")
    names = _git("ls-tree", "-r", "--name-only", "--full-tree", commit).splitlines()
    top = Path(_git("rev-parse", "--show-toplevel").strip())
    wanted = [Path(os.path.relpath(path.absolute(), top)) for path in paths]
    found = [
        name
        for name in names
        if any(Path(name) == one or (one in Path(name).parents and Path(name).suffix in _ENDINGS) for one in wanted)
    ]
    return [(name, _git("show", f"{commit}:{name}")) for name in found]


def _git(*words: str) -> str:
    try:
        # No shell, and what the user names was looked at above.
        done = subprocess.run(["git", *words], capture_output=True, check=True, encoding="utf-8")  # noqa: S603, S607
    except FileNotFoundError:
        raise BadRequest("git is not installed; name a file or a folder with --against.", path="--against") from None
    except subprocess.CalledProcessError as error:
        raise BadRequest(f"git says: {error.stderr.strip()[:300]}", path="--against") from None
    return done.stdout


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────


def _tell(faults: list[Fault], form: Format) -> None:
    _SHOWN_FAULTS[form](faults)


def _faults_as_text(faults: list[Fault]) -> None:
    for one in faults:
        colour = "red" if one.level == "error" else "yellow"
        line = Text(f"{one.file}:{one.line}: ")
        out.print(line.append(one.level, colour).append(f" {one.rule}: {one.message}"), soft_wrap=True)


def _faults_for_github(faults: list[Fault]) -> None:
    for one in faults:
        typer.echo(f"::{one.level} file={escaped(one.file)},line={one.line},title={one.rule}::{one_line(one.message)}")


def _changes_as_text(changes: list[Change]) -> None:
    for one in changes:
        line = Text(f"{one.weight:<9}", "red" if one.unversioned else "dim").append(f" {one.event}", "bold")
        out.print(line.append(f" {_where(one)}{one.what}{_wanted(one)}", "default"), soft_wrap=True)


def _changes_for_github(changes: list[Change]) -> None:
    for one in changes:
        level = "error" if one.unversioned else "notice"
        typer.echo(f"::{level} title={escaped(one.event)}::{one_line(f'{_where(one)}{one.what}{_wanted(one)}')}")


def _where(change: Change) -> str:
    return "" if change.path == "$" else f"{change.path}: "


def _wanted(change: Change) -> str:
    return f" (the {needed(change)} version has to grow)" if change.unversioned else ""


def _as_json(found: list[Any]) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")


def escaped(text: str) -> str:
    """As GitHub's workflow commands want a parameter."""
    return one_line(text).replace(":", "%3A").replace(",", "%2C")


def one_line(text: str) -> str:
    """As they want what they say."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


_SHOWN_FAULTS: dict[Format, Callable[[list[Fault]], None]] = {
    Format.text: _faults_as_text,
    Format.json: _as_json,
    Format.github: _faults_for_github,
}
_SHOWN_CHANGES: dict[Format, Callable[[list[Change]], None]] = {
    Format.text: _changes_as_text,
    Format.json: _as_json,
    Format.github: _changes_for_github,
}
