"""Raw access from the command line (B10): `query`, `export`, `import`; and what `doctor` finds."""

import contextlib
import gzip
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.cli.conftest import Run, written
from tests.cli.test_commands import is_a_sentence
from tests.journey.server import READ_KEY, Server, clean_environment

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
ODD = ["=1+1", "'=1+1", "''@x", "-5", "+x", "@x", "\tx", "'", "''", "a,b", 'a"b', 'é "quoted", 中文 📦', " x ",
       "\u2028",
       "null", "true", "1", "line\nbreak", "cr\rlf\r\n", "{}", "[]", "\\N", "\\", "\ufeff", "x" * 8000]  # fmt: skip
FIELDS = ["user_id", "anonymous_id", "session_id", "page", "title", "section", "component", "component_hash", "action",
          "locale", "screen", "app_version", "device", "browser", "os", "utm_source", "utm_medium", "utm_campaign",
          "utm_term", "utm_content"]  # fmt: skip
PROPERTIES = ['{"a":{"b":[1,{"c":null}],"d.e":1}}',
              '{"big":12345678901234567890,"price":49.90,"e":1e3}', '{ "k" : "=1+1" }',
              '{"twice":1,"twice":2}', '{"t":"2026-03-02T10:00:00Z","u":"\\u00e9\\n"}', "{}"]  # fmt: skip


def everything() -> list[bytes]:
    """Events that have all fields, odd texts in them, wrong clocks, bots and links."""
    events: list[dict[str, Any]] = [
        {"event": "fields", "event_id": f"f{place}", "timestamp": 1_772_000_000_000 + place, "seq": place - 3,
         "received_at": 1_772_000_000_500 + place, **{name: text for name in FIELDS if text.strip() or name == "page"},
         "groups": {"organization": text, "=k": "1"}}
        for place, text in enumerate(ODD)
    ]  # fmt: skip
    at = {"timestamp": "2026-03-02T10:00:00Z"}
    events += [
        {"event": "=odd name", "event_id": "'=odd id", **at},
        {"event": "late", "event_id": "l1", "timestamp": "2020-01-01T00:00:00Z", "received_at": "2026-03-02T10:00:00Z"},
        {"event": "corrected", "event_id": "c1", "timestamp": "2026-03-02T10:00:00Z", "sent_at": "2026-03-02T10:00:01Z",
         "received_at": "2026-03-02T12:00:01Z"},
        {"event": "ahead", "event_id": "c2", "timestamp": "2027-01-01T00:00:00Z", "received_at": "2026-03-02T12:00:00"},
        {"event": "crawled", "event_id": "b1", "user_agent": BOT, "url": "https://a.example/x?utm_source=s&t=1", **at},
        {"event": "phoned", "event_id": "b2", "user_agent": PHONE, "url": "https://a.example/?ref=1#top", **at},
        {"event": "$identify", "event_id": "i1", "anonymous_id": "phone", "user_id": "ann", **at},
        {"event": "seen", "event_id": "i2", "anonymous_id": "phone", **at},
        {"event": "component_visit", "event_id": "p0", "properties": {"component_name": "Cart"}, **at},
        {"event": "nobody", "event_id": "n1", **at},
    ]  # fmt: skip
    lines = [json.dumps(event, ensure_ascii=False).encode() for event in events]
    lines += [
        b'{"event": "kept", "event_id": "k%d", "timestamp": "2026-03-03T10:00:00Z", "properties": %b}'
        % (place, text.encode())
        for place, text in enumerate(PROPERTIES)
    ]
    return lines


# ── there and back ───────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_exported_is_imported_as_it_was_in_every_format(
    footfall: Run, new_project: Any, tmp_path: Path
) -> None:
    first = new_project()
    sent = everything()
    done = footfall("import", written(tmp_path, "all.jsonl", sent), *first.here)
    assert done.returncode == 0, done.stderr
    assert f"{len(sent)} events sent" in done.stderr
    assert first.settled()["stored"] == len(sent)

    original = tmp_path / "original.jsonl"
    assert footfall("export", "-o", original, *first.here).returncode == 0
    events = [json.loads(line) for line in original.read_bytes().split(b"\n") if line]
    assert len(events) == len(sent)
    assert [one["timestamp"] for one in events] == sorted(one["timestamp"] for one in events)
    by_id = {one["event_id"]: one for one in events}
    assert by_id["c1"]["timestamp"] == "2026-03-02T12:00:00.000Z", "R27, once"
    assert by_id["c2"]["flags"] == ["timestamp_in_future"]
    assert by_id["b1"]["bot"] is True
    assert by_id["b2"]["device"] == "mobile"
    assert by_id["i1"]["person_id"] == by_id["i2"]["person_id"]
    texts = {line.split(b'"event_id":"')[1].split(b'"')[0]: line for line in original.read_bytes().split(b"\n") if line}
    for place, text in enumerate(PROPERTIES):
        assert b'"properties":' + text.encode() + b"," in texts[b"k%d" % place], "letter for letter"

    for form in ("jsonl", "csv", "parquet"):
        file = tmp_path / f"events.{form}"
        exported = footfall("export", "--output", file, *first.here)
        assert exported.returncode == 0, exported.stderr
        assert f"{len(sent)} events in" in exported.stderr
        assert not list(tmp_path.glob("*.part"))
        again = new_project()
        back = footfall("import", file, *again.here)
        assert back.returncode == 0, back.stderr
        assert again.settled()["stored"] == len(sent)
        copy = tmp_path / f"back-{form}.jsonl"
        assert footfall("export", "-o", copy, *again.here).returncode == 0
        assert copy.read_bytes() == original.read_bytes(), form
        asked = (
            "SELECT event, count(), uniqExact(person_id), countIf(bot), any(sent) FROM events GROUP BY event ORDER BY 1"
        )
        assert again.sql(asked) == first.sql(asked)
        cells = "SELECT event_id, user_id, page, title, groups['organization'], seq FROM events ORDER BY 1"
        assert again.sql(cells) == first.sql(cells)
        assert footfall("import", file, *again.here).returncode == 0
        status = again.settled()
        assert (status["stored"], status["duplicates"]) == (len(sent), len(sent)), "nothing is counted twice"
        assert again.quarantined() == 0


@pytest.mark.slow
def test_a_folder_without_a_server_takes_and_gives_events_too(footfall: Run, tmp_path: Path) -> None:
    sent = everything()
    alone, again = tmp_path / "alone", tmp_path / "again"
    assert footfall("import", written(tmp_path, "all.jsonl", sent), "--data", alone).returncode == 0
    first = footfall("export", "--data", alone)
    assert first.returncode == 0, first.stderr
    file = tmp_path / "out.csv.gz"
    file.write_bytes(gzip.compress(footfall("export", "--format", "csv", "--data", alone).stdout.encode()))
    # As text, line ends in cells would be made into others; the file of the first test has them as they are.
    assert footfall("import", file, "--data", again).returncode == 0
    second = footfall("query", "SELECT count() AS n FROM events", "--format", "csv", "--data", again)
    assert second.stdout.split() == ["n", str(len(sent))]


@pytest.mark.slow
def test_an_export_can_be_narrowed(footfall: Run, new_project: Any, tmp_path: Path) -> None:
    project = new_project()
    days = [b'{"event": "%b", "event_id": "%b%d", "timestamp": "2026-03-0%dT10:00:00Z"}' % (name, name, day, day)
            for day in (1, 2, 3) for name in (b"a", b"b", b"c")]  # fmt: skip
    footfall("import", written(tmp_path, "days.jsonl", days), *project.here)
    narrow = ["--event", "a", "--event", "c", "--from", "2026-03-02", "--to", "2026-03-03"]
    done = footfall("export", *narrow, *project.here)
    assert [json.loads(line)["event_id"] for line in done.stdout.splitlines()] == ["a2", "c2"]
    is_a_sentence(footfall("export", "--from", "some day", *project.here), "$.from")
    nothing = footfall("export", "--event", "never", "--format", "csv", *project.here)
    assert nothing.returncode == 0
    assert len(nothing.stdout.splitlines()) == 1, "the names of the columns"


def test_an_export_that_fails_leaves_what_was_there(footfall: Run, operated: Server, tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_text("before")
    is_a_sentence(footfall("export", "-o", file, "--url", operated.url, "--key", "wrong"), "key")
    is_a_sentence(footfall("export", "-o", tmp_path / "no" / "x.csv", "--data", operated.data), "written")
    assert file.read_text() == "before"
    assert not list(tmp_path.glob("*.part"))


class Broken(BaseHTTPRequestHandler):
    """Announces more than it sends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("footfall-events", "2")
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(b'{"event":"a"}\n')

    def log_message(self, *_: Any) -> None:  # quiet
        pass


class Busy(BaseHTTPRequestHandler):
    """Says 503 and 429 first, each with a time to wait, then takes what comes."""

    answers: ClassVar[list[int]] = []
    taken: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.answers.pop(0) if self.answers else 200
        self.send_response(status)
        if status == 200:
            body = gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body
            self.taken.append(body)
            said = json.dumps(
                {"results": [{"index": n, "status": "ok"} for n in range(len(json.loads(body)))]}
            ).encode()
        else:
            self.send_header("retry-after", "1")
            said = b'{"type":"about:blank","title":"Not now","status":503,"detail":"The disk is full."}'
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:  # quiet
        pass


@contextlib.contextmanager
def answering(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_an_export_that_breaks_off_is_no_file(footfall: Run, tmp_path: Path) -> None:
    with answering(Broken) as url:
        for name in ("x.jsonl", "x.parquet"):
            is_a_sentence(footfall("export", "-o", tmp_path / name, "--url", url, "--key", "k"), "broke off")
    assert list(tmp_path.iterdir()) == []


# ── import ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_bad_rows_are_named_and_the_rest_goes_on(footfall: Run, new_project: Any, tmp_path: Path) -> None:
    project = new_project()
    lines = [
        b'\xef\xbb\xbf{"event": "good", "event_id": "1"}', b"", b"{nonsense", b'{"event": ""}', b'["event"]',
        b'{"event": "good", "timestamp": "never"}', b'{"event": "good", "user_id": 7, "extra": true}',
    ]  # fmt: skip
    file = written(tmp_path, "mixed.jsonl", lines)
    cells = written(tmp_path, "mixed.csv", [
        b"event,event_id,timestamp,properties,plan,user_id", b'cell,c1,1772000000,"{""a"":\n1}",pro,\'=x',
        b"cell,c2,2026-03-02,{broken,,", b"", b"cell,c3,2026-03-02,,free,",
    ])  # fmt: skip
    done = footfall("import", file, cells, *project.here)
    assert done.returncode == 1
    for line in (3, 4, 5, 6):
        assert f"{file}:{line}: " in done.stderr.replace("\n", ""), done.stderr
    assert f"{cells}:4: " in done.stderr.replace("\n", "")
    assert "4 events sent, 5 rows were not" in done.stderr
    assert project.settled()["stored"] == 4
    assert project.quarantined() == 0, "they never left"
    assert project.sql("SELECT event_id, user_id, properties.plan FROM events WHERE event = 'cell' ORDER BY 1") == [
        ["c1", "=x", "pro"], ["c3", "", "free"],
    ]  # fmt: skip


def test_rows_without_an_id_are_counted_once_however_often_they_are_sent(
    footfall: Run, new_project: Any, tmp_path: Path
) -> None:
    project = new_project()
    lines = [b'{"event": "same"}', b'{"event": "same"}', b'{"event": "other"}', b'{"event": ""}']
    footfall("import", written(tmp_path, "a.jsonl", lines), *project.here)
    footfall("import", written(tmp_path, "renamed.jsonl", lines), *project.here)
    grown = [*lines[:3], b'{"event": "mended"}', b'{"event": "same"}']
    assert footfall("import", written(tmp_path, "a.jsonl", grown), *project.here).returncode == 0
    project.settled()
    assert project.sql("SELECT event, count() FROM events GROUP BY event ORDER BY event") == [
        ["mended", 1], ["other", 1], ["same", 3],
    ]  # fmt: skip


def test_an_array_of_events_is_read_too(footfall: Run, new_project: Any, tmp_path: Path) -> None:
    project = new_project()
    (tmp_path / "events.json").write_text('[{"event": "a", "event_id": "1"},\n {"event": "b", "event_id": "2"}]')
    assert footfall("import", tmp_path / "events.json", *project.here).returncode == 0
    assert project.settled()["stored"] == 2


def test_what_cannot_be_read_gets_a_sentence(footfall: Run, operated: Server, tmp_path: Path) -> None:
    here = ["--data", str(operated.data)]
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no")
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "y.csv").write_bytes(b"event\n\xff\xfe\n")
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(b'{"event": "a"}\n' * 100)[:-12])
    (tmp_path / "x.txt").write_text("{}")
    for name in ("x.parquet", "x.csv", "y.csv", "x.jsonl.gz", "x.txt", "missing.csv"):
        is_a_sentence(footfall("import", tmp_path / name, *here))
    good = written(tmp_path, "good.jsonl", [b'{"event": "a"}'])
    is_a_sentence(footfall("import", good, "--url", operated.url, "--key", READ_KEY), "admin")
    is_a_sentence(footfall("import", good, "--url", "http://127.0.0.1:1", "--key", "k"), "again")


def test_an_import_waits_as_it_is_told(footfall: Run, tmp_path: Path) -> None:
    Busy.answers[:], Busy.taken[:] = [503, 429, 200, 503], []
    file = written(tmp_path, "many.jsonl", [b'{"event": "e", "event_id": "%d"}' % n for n in range(1500)])
    with answering(Busy) as url:
        done = footfall("import", file, "--url", url, "--key", "k")
    assert done.returncode == 0, done.stderr
    assert "The disk is full." in done.stderr
    assert [len(json.loads(body)) for body in Busy.taken] == [1000, 500]


def test_killed_in_the_middle_and_run_again_everything_is_there_once(
    footfall: Run, new_project: Any, tmp_path: Path
) -> None:
    project, many = new_project(), 40_000
    lines = [
        b'{"event": "e%d", "timestamp": %d, "user_id": "u%d"}' % (n % 7, 1_772_000_000 + n, n % 99) for n in range(many)
    ]
    file = written(tmp_path, "many.jsonl", lines)
    for least in (1, 5_000):
        running = subprocess.Popen(
            [sys.executable, "-m", "footfall", "import", str(file), *project.here],
            env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        before, give_up = project.status()["accepted"], time.monotonic() + 60
        while project.status()["accepted"] < before + least and running.poll() is None:
            assert time.monotonic() < give_up
            time.sleep(0.01)
        running.kill()
        running.wait()
    done = footfall("import", file, *project.here, timeout=120)
    assert done.returncode == 0, done.stderr
    status = project.settled()
    assert status["stored"] == many
    assert status["duplicates"] == status["accepted"] - many
    assert project.sql("SELECT count(), uniqExact(event_id), uniqExact(timestamp) FROM events") == [[many, many, many]]


# ── query ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_query_is_shown_as_a_table_as_json_and_as_csv(footfall: Run, new_project: Any, tmp_path: Path) -> None:
    project = new_project()
    footfall("import", written(tmp_path, "x.jsonl", [b'{"event": "[red]=x", "properties": {"n": -5}}']), *project.here)
    asked = "SELECT event, properties.n::Int64 AS n, '=1' AS f, NULL AS nothing, [1, 2] AS some FROM events"
    table = footfall("query", asked, *project.here)
    assert table.returncode == 0, table.stderr
    assert "[red]=x" in table.stdout
    assert "1 row" in table.stderr
    as_json = footfall("query", asked, "--format", "json", *project.here)
    assert json.loads(as_json.stdout) == [{"event": "[red]=x", "n": -5, "f": "=1", "nothing": None, "some": [1, 2]}]
    as_csv = footfall("query", asked, "--format", "csv", *project.here)
    assert as_csv.stdout.splitlines() == ["event,n,f,nothing,some", '[red]=x,-5,\'=1,,"[1,2]"']
    is_a_sentence(footfall("query", "SELECT file('/etc/passwd')", *project.here), "file", "$.query")
    is_a_sentence(footfall("query", "SELECT nothing FROM events", *project.here), "nothing")
    pointed = footfall("query", "SELECT 1,\n\tfile('/etc/passwd')", *project.here)
    assert "   2 │  file('/etc/passwd')\n     │  ^\n" in pointed.stderr
    long = footfall("query", "SELECT " + "1, " * 100 + "nothing FROM events", *project.here).stderr.splitlines()
    assert long[0].index("nothing") == long[1].index("^"), "also in the middle of a long line"


def test_nobody_listens_at_that_address(footfall: Run) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        is_a_sentence(
            footfall("query", "SELECT 1", "--url", f"http://127.0.0.1:{probe.getsockname()[1]}", "--key", "k")
        )


# ── doctor ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_doctor_finds_a_server_well_and_a_folder_too(footfall: Run, tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        server.collect([{"event": "e"}] * 3)
        server.settled()
        running = footfall("doctor", "--data", server.data)
        assert running.returncode == 0, running.stdout + running.stderr
        for word in ("versions", "disk", "queue", "parts", "keys", "cost", "bytes an event", "All is well."):
            assert word in running.stdout, running.stdout
        is_a_sentence(footfall("doctor", "--url", server.url, "--key", READ_KEY), "admin")
        assert server.stop() == 0
    alone = footfall("doctor", "--data", server.data)
    assert "✗" in alone.stdout, "the keys of the environment were the server's"
    assert "none can send events" in alone.stdout
    assert alone.returncode == 1
    assert footfall("keys", "create", "--scope", "write", "--data", server.data).returncode == 0
    server.data.chmod(0o755)
    noted = footfall("doctor", "--wrong", "--data", server.data)
    assert noted.returncode == 0, noted.stdout
    assert "chmod 700" in noted.stdout


def test_the_doctor_says_what_is_wrong_where_nothing_opens(footfall: Run, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "spool.db").write_bytes(b"this is no database, whatever its name says" * 100)
    for words in (["--data", str(tmp_path / "broken")], ["--url", "http://127.0.0.1:1", "--key", "k"]):
        done = footfall("doctor", *words)
        assert done.returncode == 1
        assert "Something is wrong." in done.stdout
        assert "Traceback" not in done.stderr
    is_a_sentence(footfall("doctor", "--data", tmp_path / "missing"))
