"""The `footfall` command (`contract.md`, "Commands"; F10): what it prints, and with which status it leaves."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Run, several
from tests.journey.people import follow
from tests.journey.server import ADMIN_KEY, READ_KEY, Demo, Server, clean_environment, unique

FAMILIES = {"": (), "keys": ("create", "list", "rotate", "revoke"), "users": ("add", "list", "link", "remove")} | {
    "projects": ("create", "list", "archive", "restore"),
    "plan": ("lint", "diff", "push", "bundle", "schema", "codegen", "coverage", "pull", "drift", "init"),
    "alerts": ("check", "backtest", "test", "push", "pull"),
}
COMMANDS = [
    *("serve", "demo", "verify", "tail", "query", "export", "import", "doctor"),
    *FAMILIES,
    *(f"{family} {command}" for family, commands in FAMILIES.items() for command in commands),
]


def is_a_sentence(done: Done, *words: str) -> None:
    """A failure that was meant: status 1 (2 where the words themselves are wrong), and something to read."""
    assert done.returncode in {1, 2}, done
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    said = " ".join(done.stderr.split())
    assert len(said) > 10
    for word in words:
        assert word in said, said


# ── help ─────────────────────────────────────────────────────────────────────────────────────────────────────


HELP = """
import json, sys
from typer.testing import CliRunner
from footfall.cli import app
asked = [CliRunner().invoke(app, [*words.split(), "--help"]) for words in sys.argv[1:]]
print(json.dumps([(one.exit_code, one.stdout) for one in asked]))
"""
"""Starting Python is most of what asking for help costs, so one process asks for all."""


def test_every_command_answers_help_with_an_example() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP, *COMMANDS], env=clean_environment(), capture_output=True, text=True, check=True
    )
    for command, (status, said) in zip(COMMANDS, json.loads(done.stdout), strict=True):
        assert status == 0, said
        assert "Usage:" in said
        if command not in FAMILIES:  # they list the others
            example = " ".join(said.split()).partition("Example:")[2]
            assert f"footfall {command}" in example, said


def test_help_lists_the_commands_and_serve_s_settings(footfall: Run) -> None:
    commands, options = (done.stdout for done in several(footfall, [["--help"], ["serve", "--help"]]))
    for command in (
        "serve",
        "demo",
        "verify",
        "tail",
        "query",
        "export",
        "import",
        "doctor",
        "keys",
        "users",
        "projects",
        "plan",
        "alerts",
    ):
        assert re.search(rf"{command}\s+\w+.*\.", commands), commands
    for option in ("data", "host", "port"):
        assert f"--{option}" in options
        assert f"FOOTFALL_{option.upper()}" in options


SERVER = {"chdb", "clickhouse_connect", "granian", "litestar", "pyarrow", "sqlalchemy", "sqlglot"}
"""Packages of the server; to import them takes a second."""


def test_a_command_starts_without_the_server(footfall: Run) -> None:
    """Which only `serve`, `demo` and who opens a folder need."""
    listed = "import sys, footfall.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    words = [sys.executable, "-c", listed]
    done = subprocess.run(words, env=clean_environment(), capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "typer" in loaded
    assert loaded & SERVER == set()


def test_version(footfall: Run) -> None:
    done = footfall("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"footfall \d+\.\d+\.\d+\S*\n", done.stdout)


def test_wrong_words_get_a_sentence(footfall: Run) -> None:
    wrong = [["nothing"], ["serve", "--nothing"], ["keys", "create"], ["keys", "create", "--scope", "god"]]
    for done in several(footfall, wrong):
        is_a_sentence(done)


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────


def sends(server: Server, key: str, **headers: str) -> int:
    return server.client(key).post("/api/events/collect", json={"event": "e"}, headers=headers).status_code


def test_keys_of_a_running_server_work_at_once_and_are_nothing_once_revoked(footfall: Run, server: Server) -> None:
    made = footfall("keys", "create", "--scope", "write", "--name", "the [shop]", "--data", server.data)
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert len(key.split()) == 1, "standard output is the key and nothing else, for scripts"
    assert sends(server, key) == 204

    listed = footfall("keys", "list", "--data", server.data)
    assert listed.returncode == 0
    assert "the [shop]" in listed.stdout
    assert "write" in listed.stdout
    assert key not in listed.stdout

    (key_id,) = re.findall(r"key_[0-9a-f]+", made.stderr)
    assert key_id in listed.stdout
    assert footfall("keys", "revoke", key_id, "--data", server.data).returncode == 0
    assert sends(server, key) == 401
    assert key_id not in footfall("keys", "list", "--data", server.data).stdout
    is_a_sentence(footfall("keys", "revoke", key_id, "--data", server.data), key_id)


def test_a_key_that_is_turned_over(footfall: Run, server: Server) -> None:
    made = footfall("keys", "create", "--scope", "write", "--expires", "2099-01-01", "--data", server.data)
    (key_id,) = re.findall(r"key_[0-9a-f]+", made.stderr)
    turned = footfall("keys", "rotate", key_id, "--grace", "PT1H", "--data", server.data)
    assert turned.returncode == 0, turned.stderr
    old, new = made.stdout.strip(), turned.stdout.strip()
    assert old != new
    assert [sends(server, key) for key in (old, new)] == [204, 204]
    is_a_sentence(footfall("keys", "rotate", key_id, "--data", server.data), key_id, "already")
    (new_id,) = set(re.findall(r"key_[0-9a-f]+", turned.stderr)) - {key_id}
    at_once = footfall("keys", "rotate", new_id, "--data", server.data)
    assert [sends(server, key) for key in (new, at_once.stdout.strip())] == [401, 204]
    is_a_sentence(footfall("keys", "create", "--scope", "read", "--expires", "2020-01-01", "--data", server.data))


# ── projects and people ──────────────────────────────────────────────────────────────────────────────────────


def test_a_project_and_its_people_from_the_command_line(footfall: Run, server: Server) -> None:
    here = ["--data", server.data]
    made = footfall("projects", "create", "The [Shop]", "--timezone", "Europe/Berlin", *here)
    number = made.stdout.strip()
    assert number.isdigit(), made.stderr
    in_it = ["--project", number, *here]
    key = footfall("keys", "create", "--scope", "write", *in_it).stdout.strip()
    assert sends(server, key) == 204
    email = f"{unique('ada')}@example.com"
    added = footfall("users", "add", email, "--role", "owner", *in_it)
    assert added.returncode == 0, added.stderr
    link = added.stdout.strip()
    assert link.startswith(f"{server.url}/signin?token="), "standard output is the link and nothing else"
    assert follow(server.anybody, link).status_code == 303
    again = footfall("users", "link", email, *in_it)
    assert follow(server.anybody, again.stdout.strip()).status_code == 303
    server.anybody.cookies.clear()

    projects, people, elsewhere = several(
        footfall,
        [
            ["projects", "list", *map(str, here)],
            ["users", "list", *map(str, in_it)],
            ["users", "list", *map(str, here)],
        ],
    )
    assert "The [Shop]" in projects.stdout
    assert email in people.stdout
    assert email not in elsewhere.stdout
    invited = footfall("users", "add", email, "--role", "viewer", *here)
    assert (invited.returncode, "once they accept" in invited.stderr) == (0, True)
    assert "You are invited" in server.anybody.get(invited.stdout.strip()).text
    is_a_sentence(footfall("users", "remove", email, *in_it), "owner")
    assert footfall("projects", "archive", number, *here).returncode == 0
    assert sends(server, key) == 401
    assert footfall("projects", "restore", number, *here).returncode == 0
    assert sends(server, key) == 204


def test_people_and_projects_that_cannot_be_get_a_sentence(footfall: Run, server: Server) -> None:
    wrong = [
        ["users", "add", "no address", "--role", "viewer"],
        ["users", "add", "a@example.com", "--role", "god"],
        ["users", "link", "nobody@example.com"],
        ["users", "remove", "nobody@example.com"],
        ["projects", "create", "x", "--timezone", "Mars/Olympus"],
        ["projects", "archive", "1"],
        ["projects", "archive", "99"],
        ["keys", "list", "--project", "99"],
    ]
    for done in several(footfall, [[*words, "--data", str(server.data)] for words in wrong]):
        is_a_sentence(done)


def test_keys_with_all_their_options(footfall: Run, server: Server) -> None:
    value = unique("WK_SEG")
    made = footfall(
        "keys", "create", "--scope", "write", "--value", value, "--data", server.data,
        "--origin", "https://a.example", "--origin", "https://b.example", "--rate-limit", "2/hour",
    )  # fmt: skip
    assert made.stdout.strip() == value
    assert sends(server, value, origin="https://c.example") == 403
    statuses = [sends(server, value, origin=f"https://{one}.example") for one in "aba"]
    assert statuses == [204, 204, 429]
    is_a_sentence(footfall("keys", "create", "--scope", "write", "--value", value, "--data", server.data))


def test_a_key_that_cannot_be_gets_a_sentence(footfall: Run, server: Server) -> None:
    wrong = [
        ["--scope", "read", "--value", "chosen"],
        ["--scope", "write", "--rate-limit", "[/often]"],
        ["--scope", "write", "--origin", "two words"],
    ]
    for done in several(footfall, [["keys", "create", *words, "--data", str(server.data)] for words in wrong]):
        is_a_sentence(done)


def test_keys_by_address_and_key(footfall: Run, server: Server) -> None:
    there = ["keys", "list", "--url", server.url]
    by_environment = footfall("keys", "list", FOOTFALL_URL=server.url, FOOTFALL_ADMIN_KEY=ADMIN_KEY)
    by_option, by_reader, by_nobody, by_stranger = several(
        footfall, [[*there, "--key", ADMIN_KEY], [*there, "--key", READ_KEY], there, [*there, "--key", "ключ"]]
    )
    assert by_option.returncode == by_environment.returncode == 0
    assert by_option.stdout == by_environment.stdout
    is_a_sentence(by_reader, "admin")
    is_a_sentence(by_nobody, "key")
    is_a_sentence(by_stranger)


def test_a_link_that_is_made_without_a_server_works_once_there_is_one(footfall: Run, tmp_path: Path) -> None:
    server = Server(tmp_path)
    added = footfall(
        "users", "add", "ada@example.com", "--role", "owner", "--data", server.data, FOOTFALL_PORT=str(server.port)
    )
    assert added.returncode == 0, added.stderr
    link = added.stdout.strip()
    assert link.startswith(f"{server.url}/signin?token=")
    with server:
        assert follow(server.anybody, link).status_code == 303


def test_keys_without_a_server_are_there_when_it_starts(footfall: Run, tmp_path: Path) -> None:
    server = Server(tmp_path)
    made = footfall("keys", "create", "--scope", "write", "--data", server.data)
    assert made.returncode == 0, made.stderr
    assert "key_" in footfall("keys", "list", "--data", server.data).stdout
    with server:
        assert sends(server, made.stdout.strip()) == 204


# ── verify ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_verify_ticks_what_arrived_and_crosses_what_did_not(footfall: Run, server: Server) -> None:
    view, buy, never = unique("view"), unique("buy"), unique("never")
    server.collect([{"event": view, "user_id": f"u{n}", "session_id": f"s{n % 3}"} for n in range(5)])
    server.collect([{"event": buy, "anonymous_id": "a"}])

    good = footfall("verify", "--expect", f"{view},{buy}", "--since", "1h", "--data", server.data)
    assert good.returncode == 0, good.stderr
    assert re.search(rf"✓.*{view}\W+5\W+5\W+5\W+20\d\d-", good.stdout), good.stdout
    assert re.search(rf"✓.*{buy}\W+1\W+1\W+1\W+20\d\d-", good.stdout)
    assert "✗" not in good.stdout

    bad = footfall("verify", "--expect", f"{view}, {never}", "--data", server.data)
    assert bad.returncode == 1
    assert re.search(rf"✓.*{view}", bad.stdout)
    assert re.search(rf"✗.*{never}", bad.stdout)
    assert "Traceback" not in bad.stderr

    reader = footfall("verify", "--expect", view, "--url", server.url, "--key", READ_KEY)
    assert reader.returncode == 0, "for CI a read key is enough"


def test_verify_looks_back_as_far_as_it_is_told(footfall: Run, tmp_path: Path) -> None:
    """And opens the folder by itself when no server holds it."""
    with Server(tmp_path) as server:
        hours = {"recent": 0.5, "today": 5, "older": 50}
        now = server.ask("/api/catalog/events", since="P1D")["since"]
        for name, back in hours.items():
            server.collect({"event": name, "timestamp": _before(now, back - 24)})
        assert server.settled()["stored"] == 3
        assert server.stop() == 0
    for since, found in (("1h", ["recent"]), ("2d", ["recent", "today"])):
        done = footfall("verify", "--expect", "recent,today,older", "--since", since, "--data", server.data)
        assert done.returncode == (0 if len(found) == 3 else 1), done.stderr
        assert [name for name in hours if re.search(rf"✓.*{name}", done.stdout)] == found


def _before(rfc3339: str, hours: float) -> str:
    return (datetime.fromisoformat(rfc3339) - timedelta(hours=hours)).isoformat()


def test_verify_counts_what_is_still_on_its_way(footfall: Run, tmp_path: Path) -> None:
    """Acknowledged, then the server was killed: the command finds it in the spool."""
    with Server(tmp_path) as server:
        server.collect({"event": "acknowledged"})
        server.kill9()
    done = footfall("verify", "--expect", "acknowledged", "--data", server.data)
    assert done.returncode == 0, done.stdout + done.stderr


def test_verify_shows_names_as_they_are(footfall: Run, server: Server) -> None:
    names = [unique(text) for text in ("[red]x[/red]", "[/oops]", "a\\[b]", "📦 é", "100%")]
    server.collect([{"event": name} for name in names])
    done = footfall("verify", "--expect", ",".join([*names, "[/missing]"]), "--data", server.data)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name in names:
        assert re.search(rf"✓.*{re.escape(name)}", done.stdout), done.stdout
    assert re.search(r"✗.*\[/missing\]", done.stdout)


def test_verify_with_a_wrong_span_gets_a_sentence(footfall: Run, server: Server) -> None:
    wrong = ["a while", "-1h", "99999d", "[/oops]"]
    for done in several(footfall, [["verify", f"--since={since}", "--data", str(server.data)] for since in wrong]):
        is_a_sentence(done)


def test_verify_where_nothing_is_gets_a_sentence(footfall: Run, tmp_path: Path) -> None:
    is_a_sentence(footfall("verify"), "footfall-data", "--data", "--url")
    assert not (tmp_path / "footfall-data").exists()


def test_an_address_without_a_server_gets_a_sentence(footfall: Run) -> None:
    wrong = ["http://127.0.0.1:1", "nonsense", "http://a:b:c"]
    for done in several(footfall, [["verify", "--url", url, "--key", "k"] for url in wrong]):
        is_a_sentence(done)


def test_an_address_of_something_else_gets_a_sentence(footfall: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody, ThreadPoolExecutor(1) as answering:
        answering.submit(_say_hello, somebody)
        done = footfall("verify", "--url", f"http://127.0.0.1:{somebody.getsockname()[1]}", "--key", "k")
    is_a_sentence(done)


def _say_hello(somebody: socket.socket) -> None:
    connection, _ = somebody.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello")


# ── demo ─────────────────────────────────────────────────────────────────────────────────────────────────────

EVENTS = 20_000


def test_demo_shows_a_shop_s_month_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with Demo(tmp_path, EVENTS) as demo:
        assert demo.url in demo.log_text()
        page = demo.anybody.get("/")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")

        status = demo.status()
        assert EVENTS * 0.9 <= status["stored"] <= EVENTS * 1.1 + 2000
        catalog = {one["event"]: one for one in demo.ask("/api/catalog/events", since="P31D")["events"]}
        assert {"page_view", "component_visit", "component_interaction", "add_to_cart", "purchase"} <= catalog.keys()
        assert catalog["page_view"]["count"] > catalog["add_to_cart"]["count"] > catalog["purchase"]["count"] > 0
        assert catalog["page_view"]["people"] > 100
        stats = demo.ask("/api/tracking/stats")
        assert stats["totalInteracciones"] >= catalog["component_interaction"]["count"] > 0
        assert {one["_id"] for one in stats["porTipoUsuario"]} == {"anonymous", "registered"}
        days = demo.ask("/api/events/trend", event="page_view", granularity="day")
        assert len(days) >= 28
        assert len(demo.ask("/api/events", limit=10)["data"]) == 10

        demo.process.send_signal(signal.SIGINT)
        assert demo.wait_stopped() == 0
    assert list(demo.scratch.iterdir()) == []
    assert "Traceback" not in demo.log_text()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", demo.port), timeout=2)


def test_demo_s_visitor_keeps_coming_and_stops_with_it(tmp_path: Path) -> None:
    with Demo(tmp_path, 1000) as demo:
        before = demo.status()["accepted"]
        give_up = time.monotonic() + 30
        while demo.status()["accepted"] <= before:
            assert time.monotonic() < give_up, "nobody came"
            time.sleep(0.2)
        assert demo.stop() == 0  # SIGTERM, as from a supervisor
    assert list(demo.scratch.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_demo_stopped_while_it_invents_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with closing(Demo(tmp_path, 5_000_000)) as demo:
        demo.start(wait=False)
        give_up = time.monotonic() + 30
        while not list(demo.scratch.iterdir()):
            assert time.monotonic() < give_up
            time.sleep(0.05)
        time.sleep(2)
        demo.process.send_signal(number)
        demo.wait_stopped()
    assert list(demo.scratch.iterdir()) == []
    assert "Traceback" not in demo.log_text()
