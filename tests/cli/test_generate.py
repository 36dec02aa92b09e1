"""`footfall plan codegen`, `coverage` and `init`, as somebody runs them in a repository and in a pipeline."""

import json
from pathlib import Path

from footfall.plan.bundle import decode_bundle
from tests.cli.conftest import Run, several
from tests.cli.test_commands import is_a_sentence
from tests.cli.test_plan import write
from tests.plan.examples import GIVEN


def test_init_writes_a_plan_to_which_lint_has_nothing_to_say(footfall: Run, tmp_path: Path) -> None:
    assert footfall("plan", "init", "analytics/plan").returncode == 0
    linted = footfall("plan", "lint", "analytics/plan")
    assert (linted.returncode, linted.stdout) == (0, ""), linted
    (tmp_path / "analytics" / "plan" / "cart.yaml").write_text("plan: 1\n")
    is_a_sentence(footfall("plan", "init", "analytics/plan"), "analytics/plan/cart.yaml", "nothing was written")
    assert (tmp_path / "analytics" / "plan" / "cart.yaml").read_text() == "plan: 1\n"


def test_codegen_prints_each_target(footfall: Run, tmp_path: Path) -> None:
    write(tmp_path)
    targets = [["plan", "codegen", *words] for words in (["ts"], ["py"], ["py", "--structs"], ["md"], ["json"])]
    ts, py, structs, md, bundle = several(footfall, targets)
    assert "add_to_cart: AddToCartProperties;" in ts.stdout
    assert "class AddToCartProperties(TypedDict):" in py.stdout
    assert "Struct" not in py.stdout
    assert "class AddToCart(Struct" in structs.stdout
    assert "| `add_to_cart` | `currency`, `price`, `product_id`, `quantity` |" in md.stdout
    assert decode_bundle(bundle.stdout).events.keys() >= {"add_to_cart"}


def test_check_says_whether_a_file_is_what_the_plan_says(footfall: Run, tmp_path: Path) -> None:
    write(tmp_path)
    check = ("plan", "codegen", "ts", "--output", "events.ts", "--check")
    is_a_sentence(footfall(*check), "events.ts")
    assert not (tmp_path / "events.ts").exists()
    assert footfall(*check[:-1]).returncode == 0
    made = (tmp_path / "events.ts").read_bytes()
    (tmp_path / "events.ts").write_bytes(made.replace(b"\n", b"\r\n"))  # as git leaves it on Windows
    assert footfall(*check).returncode == 0
    write(tmp_path, GIVEN.replace("maximum: 1000", "maximum: 1001"))
    is_a_sentence(footfall(*check), "events.ts")
    assert (tmp_path / "events.ts").read_bytes() == made.replace(b"\n", b"\r\n")


def test_codegen_says_what_it_cannot_do(footfall: Run, tmp_path: Path) -> None:
    write(tmp_path)
    is_a_sentence(footfall("plan", "codegen", "ts", "--check"), "--output")
    is_a_sentence(footfall("plan", "codegen", "ts", "--structs"), "Python")
    is_a_sentence(footfall("plan", "codegen", "ts", "--output", "no/folder/events.ts"), "no/folder/events.ts")
    is_a_sentence(footfall("plan", "codegen", "rust"), "rust")
    write(tmp_path, GIVEN.replace("type: integer", "type: intger"))
    wrong = footfall("plan", "codegen", "ts", "--output", "events.ts")
    assert (wrong.returncode, "cart.yaml:18" in wrong.stdout) == (1, True), wrong


SOURCES = {
    "web/cart.tsx": 'track("add_to_cart", {});\n<b data-track="create_project_button.click" />;',
    "web/typo.ts": '\n  track("add_to_crt");',
    "api/jobs.py": 'client.track(event=f"job_{kind}")\nclient.track("organization.created")',
    "web/node_modules/lib/index.js": 'track("skipped")',
    "web/.cache/index.js": 'track("skipped")',
    "web/dist/index.js": 'track("skipped")',
    "web/huge.js": 'track("skipped")' + " " * 1024 * 1024,
}


def test_coverage_finds_what_is_sent_and_what_is_not_planned(footfall: Run, tmp_path: Path) -> None:
    write(tmp_path)
    for name, text in SOURCES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "web" / "latin.js").write_bytes('track("skipped") // é'.encode("latin-1"))
    plain, told, github, fine, strict, nothing = several(
        footfall,
        [
            ["plan", "coverage", "web", "api"],
            ["plan", "coverage", "web", "api", "--format", "json"],
            ["plan", "coverage", "web", "api", "--format", "github"],
            ["plan", "coverage", "--plan", "plan", "web/cart.tsx", "api/jobs.py"],
            ["plan", "coverage", "web/cart.tsx", "--strict"],
            ["plan", "coverage", "nowhere"],
        ],
    )
    assert plain.returncode == 1
    assert "web/typo.ts:2:3: error: “add_to_crt” is not planned; did you mean “add_to_cart”?" in plain.stdout
    assert 'api/jobs.py:1:1: warning: the name is made at run time: f"job_{kind}"' in plain.stdout
    assert "api/jobs.py:2:1: warning: “organization.created” is deprecated" in plain.stdout
    assert "skipped" not in plain.stdout
    assert "2 of 2" in plain.stderr
    found = json.loads(told.stdout)
    assert (sorted(found["covered"]), told.returncode) == (
        ["add_to_cart", "create_project_button.click", "organization.created"],
        1,
    )
    assert "::error file=web/typo.ts,line=2,col=3::“add_to_crt”" in github.stdout
    assert fine.returncode == 0, fine
    assert strict.returncode == 0, strict
    is_a_sentence(nothing, "nowhere")


def test_strict_coverage_wants_every_event_sent_under_a_name_that_can_be_read(footfall: Run, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "some.ts").write_text('track("add_to_cart")')
    (tmp_path / "all.ts").write_text('track("add_to_cart"); track("create_project_button.click")')
    (tmp_path / "dynamic.ts").write_text('track("add_to_cart"); track("create_project_button.click"); track(name)')
    names = ("some.ts", "all.ts", "dynamic.ts")
    done = several(footfall, [["plan", "coverage", name, "--strict"] for name in names])
    assert [one.returncode for one in done] == [1, 0, 1]
    assert "never sent: create_project_button.click" in done[0].stdout
