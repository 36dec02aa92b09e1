"""`footfall alerts`, as somebody runs it."""

from pathlib import Path

import yaml

from tests.cli.conftest import Project, Run
from tests.cli.test_commands import is_a_sentence

RULE = """
id: few-orders
name: Few orders
event: order
type: volume_below
threshold: 1
windowMinutes: 60
channels:
  - {type: webhook, target: "https://hooks.example/secret-1234"}
"""


def test_rules_are_brought_and_fetched_as_yaml(footfall: Run, tmp_path: Path, project: Project) -> None:
    (tmp_path / "alerts.yaml").write_text(RULE)
    for _ in range(2):
        done = footfall("alerts", "push", "alerts.yaml", *project.here)
        assert (done.returncode, "1 rules are in place" in done.stderr) == (0, True), done
    rules = {one["id"]: one for one in yaml.safe_load(footfall("alerts", "pull", *project.here).stdout)}
    assert set(rules) == {"purchase-drop", "error-spike", "conversion-drop", "few-orders"}
    assert rules["few-orders"]["channels"] == [{"type": "webhook", "target": "https://hooks.example/…1234"}]
    # What was fetched can be brought back.
    (tmp_path / "again.yaml").write_text(yaml.safe_dump([rules["few-orders"]]))
    assert footfall("alerts", "push", "again.yaml", *project.here).returncode == 0
    (tmp_path / "bad.yaml").write_text("type: volume_below")
    is_a_sentence(footfall("alerts", "push", "bad.yaml", *project.here), "number")
    is_a_sentence(footfall("alerts", "push", "missing.yaml", *project.here), "missing.yaml")


def test_a_backtest_of_a_file_and_a_check_of_all(footfall: Run, tmp_path: Path, project: Project) -> None:
    project.send({"event": "order", "event_id": "now"})
    (tmp_path / "rule.yaml").write_text(RULE)
    told = footfall("alerts", "backtest", "--file", "rule.yaml", *project.here)
    assert (told.returncode, "Would have fired" in told.stderr) == (0, True), told
    footfall("alerts", "push", "rule.yaml", *project.here)
    checked = footfall("alerts", "check", *project.here)
    assert "few-orders" in checked.stdout
    is_a_sentence(footfall("alerts", "backtest", *project.here), "file")
    is_a_sentence(footfall("alerts", "test", "purchase-drop", *project.here), "channel")
    is_a_sentence(footfall("alerts", "test", "nothing", *project.here), "nothing")
