"""`footfall plan`, as somebody runs it in a repository and in a pipeline."""

import json
import subprocess
from pathlib import Path

from tests.cli.conftest import Project, Run
from tests.cli.test_commands import is_a_sentence
from tests.plan.examples import GIVEN


def write(folder: Path, text: str = GIVEN) -> Path:
    (folder / "plan").mkdir(exist_ok=True)
    (folder / "plan" / "cart.yaml").write_text(text)
    return folder


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_lint_finds_the_plan_and_tells_warnings_from_errors(footfall: Run, tmp_path: Path) -> None:
    is_a_sentence(footfall("plan", "lint"), "plan.yaml")
    write(tmp_path)
    fine = footfall("plan", "lint")
    assert (fine.returncode, fine.stdout.count("warning"), "0 errors" in fine.stderr) == (0, 1, True)
    write(tmp_path, GIVEN.replace("type: integer", "type: intger"))
    wrong = footfall("plan", "lint", "plan", "--format", "github")
    assert wrong.returncode == 1
    assert wrong.stdout.startswith("::error file=plan/cart.yaml,line=18,title=shape::")
    told = json.loads(footfall("plan", "lint", "--format", "json").stdout)
    assert told[0]["path"] == "$.events.add_to_cart.properties.quantity.type"


def test_diff_compares_with_a_commit_and_wants_versions_that_say_so(footfall: Run, tmp_path: Path) -> None:
    write(tmp_path)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "plan")
    assert footfall("plan", "diff", "--against", "main").returncode == 0
    narrower = GIVEN.replace("maximum: 1000", "maximum: 10")
    write(tmp_path, narrower)
    refused = footfall("plan", "diff", "--against", "HEAD")
    assert (refused.returncode, "major" in refused.stdout) == (1, True)
    write(tmp_path, narrower.replace("version: 2.1.0", "version: 3.0.0"))
    assert footfall("plan", "diff", "--against", "HEAD").returncode == 0
    is_a_sentence(footfall("plan", "diff", "--against", "no-such-commit"), "git")
    is_a_sentence(footfall("plan", "diff", "--against", "--output=/tmp/x"), "commit")


def test_diff_compares_with_a_bundle(footfall: Run, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "before.json").write_text(footfall("plan", "bundle").stdout)
    assert footfall("plan", "diff", "--against", "before.json").stderr.strip() == "Nothing changed."


def test_push_puts_the_plan_in_place(footfall: Run, tmp_path: Path, project: Project) -> None:
    write(tmp_path)
    pushed = footfall("plan", "push", *project.here)
    assert (pushed.returncode, "Version 1" in pushed.stderr) == (0, True), pushed
    write(tmp_path, GIVEN.replace("type: integer", "type: intger"))
    is_a_sentence(footfall("plan", "push", *project.here), "cart.yaml:18")


def test_schema_is_json_for_editors(footfall: Run) -> None:
    assert "events" in json.loads(footfall("plan", "schema").stdout)["$defs"]["Area"]["properties"]


def test_pull_writes_a_draft_of_what_was_seen_and_nothing_over_it(
    footfall: Run, tmp_path: Path, project: Project
) -> None:
    project.send({"event": "found_something", "event_id": "1", "properties": {"worth": 2}})
    done = footfall("plan", "pull", "--output", "plan.yaml", *project.here)
    assert done.returncode == 0, done
    assert "found_something:" in (tmp_path / "plan.yaml").read_text()
    assert footfall("plan", "lint", "plan.yaml").returncode == 0
    is_a_sentence(footfall("plan", "pull", "--output", "plan.yaml", *project.here), "exists")
    assert "found_something:" in footfall("plan", "pull", *project.here).stdout


def test_drift_tells_what_is_not_planned(footfall: Run, tmp_path: Path, project: Project) -> None:
    project.send({"event": "ad_to_cart", "event_id": "1"})
    write(tmp_path)
    footfall("plan", "push", *project.here)
    told = footfall("plan", "drift", *project.here)
    assert (told.returncode, "did you mean “add_to_cart”?" in told.stdout) == (0, True), told
    strict = footfall("plan", "drift", "--strict", "--format", "github", *project.here)
    assert strict.returncode == 1
    assert "::warning title=ad_to_cart::is not planned" in strict.stdout
    assert json.loads(footfall("plan", "drift", "--format", "json", *project.here).stdout)["plan"] == 1
