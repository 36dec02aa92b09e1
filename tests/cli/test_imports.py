# ruff: noqa: N802 - rules are called by their letter
"""`footfall import` of exports of other products: asked of the server afterwards, run again, killed in between."""

import gzip
import io
import json
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from footfall.protocols.exports import EXPORTS
from tests.cli.conftest import Run, written
from tests.cli.test_commands import is_a_sentence
from tests.journey.server import Server, clean_environment

SAMPLES = Path(__file__).parents[1] / "data" / "exports"


def test_every_export_can_be_named(footfall: Run) -> None:
    refusal = footfall("import", SAMPLES, "--from", "nobody").stderr
    assert [name for name in ("footfall", *EXPORTS) if f"'{name}'" not in refusal] == []


def packed(folder: Path) -> Path:
    """Amplitude's sample as its API gives it: a zip of gzipped files, a file an hour."""
    file = folder / "export.zip"
    lines = (SAMPLES / "amplitude.jsonl").read_bytes().splitlines(keepends=True)
    with zipfile.ZipFile(file, "w") as archive:
        for hour, portion in (("9", lines[:3]), ("23", lines[3:])):
            archive.writestr(f"111111/111111_2026-03-02_{hour}#0.json.gz", gzip.compress(b"".join(portion)))
        archive.writestr("__MACOSX/._x.json.gz", b"\0")
        archive.writestr("README", b"read me")
    return file


class Source(NamedTuple):
    """A sample, and what is in it."""

    events: int
    links: int = 0
    """Between devices and users."""
    views: int = 0
    """Page views, of which /pricing was seen by one visitor."""
    people: tuple[str | None, ...] = ()
    """Behind all events: the user id of each."""
    visitor: str | None = None
    """The user that the visitor of /pricing is known to be by now."""
    sample: str = ""
    copies: int = 0
    """Further rows that are events which are there already."""
    options: tuple[str, ...] = ()


SOURCES = {
    "posthog": Source(7, 0, 1, ("ann",), "ann", "posthog.jsonl"),
    "posthog csv": Source(7, 0, 1, ("ann",), "ann", "posthog.csv"),
    "umami": Source(3, 0, 2, ("u1", None), None, "umami.csv"),
    "plausible": Source(5, 0, 3, (None, None), None, "plausible.csv"),
    "mixpanel": Source(4, 1, 1, ("ann",), "ann", "mixpanel.jsonl", 1, ("--timezone", "UTC")),
    "amplitude": Source(4, 2, 1, ("ann-1", "bob-2"), "ann-1"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_R23_R25_an_export_is_there_once_with_its_pages_and_its_people(
    footfall: Run, new_project: Any, tmp_path: Path, name: str
) -> None:
    source, project = SOURCES[name], new_project()
    file = SAMPLES / source.sample if source.sample else packed(tmp_path)
    done = footfall("import", file, *source.options, *project.here)
    assert done.returncode == 0, done.stderr
    assert f"{source.events + source.copies} events sent" in done.stderr
    assert ("link a device to its user" in done.stderr) == (source.links > 0)
    assert project.settled()["stored"] == source.events + source.links

    pricing = [{"property": "page", "operator": "is", "values": ["/pricing"]}]
    series = [{"event": "page_view"}, {"event": "page_view", "measure": "unique_users", "filters": pricing},
              {"event": "*", "measure": "unique_users"}]  # fmt: skip
    question = {"from": "2026-03-02", "to": "2026-03-04", "timezone": "UTC", "interval": "day", "series": series}
    answer = project.ask("trend", **question)
    assert [one["total"] for one in answer["series"]] == [source.views, 1, len(source.people)]
    everybody = project.ask("trend/people", **question, pointer={"series": 2})["people"]
    assert sorted((one["user_id"] for one in everybody), key=str) == sorted(source.people, key=str)
    (visitor,) = project.ask("trend/people", **question, pointer={"series": 1})["people"]
    assert visitor["user_id"] == source.visitor, "who was nobody then is known by now"
    assert len(visitor["anonymous_ids"]) == 1
    assert project.sql("SELECT countIf(bot), countIf(position(url, 's3cret') > 0) FROM events") == [[0, 0]]

    # Named, from a folder, under another name, packed in another way.
    before = project.sql("SELECT * FROM events ORDER BY event_id")
    again = tmp_path / "again" / f"copy{file.suffix}"
    again.parent.mkdir()
    if file.suffix == ".zip":
        shutil.copy(file, again)
    else:
        Path(f"{again}.zst").write_bytes(zstandard.compress(file.read_bytes()))
    origin = name.removesuffix(" csv")
    done = footfall("import", again.parent, "--from", origin, *source.options, *project.here)
    assert done.returncode == 0, done.stderr
    status = project.settled()
    assert (status["stored"], status["duplicates"] > 0) == (source.events + source.links, True)
    assert project.sql("SELECT * FROM events ORDER BY event_id") == before
    assert project.quarantined() == 0


def test_S0_statistics_are_those_of_its_own_records(footfall: Run, new_project: Any, tmp_path: Path) -> None:
    project = new_project()
    array = tmp_path / "records.json"
    array.write_text("[" + ",\n".join((SAMPLES / "s0.json").read_text().splitlines()) + "]")
    assert footfall("import", array, *project.here).returncode == 0
    assert footfall("import", SAMPLES / "s0.json", *project.here).returncode == 0
    assert project.settled()["stored"] == 3
    assert project.sql("SELECT component, action, user_type FROM events ORDER BY timestamp") == [
        ["Checkout", "view", "anonymous"], ["Checkout", "complete", "registered"], ["Hero", "scroll-50", "registered"],
    ]  # fmt: skip


def test_rows_that_are_no_events_are_named_and_the_rest_is_there(
    footfall: Run, new_project: Any, tmp_path: Path
) -> None:
    good = (SAMPLES / "posthog.jsonl").read_bytes().splitlines()
    bad = [b"{damaged", good[0].replace(b'"timestamp":"2026-03-02T', b'"timestamp":"2026-30-02T'),
           b'{"uuid":"1","event":"","distinct_id":"u","timestamp":1772442000,"properties":{}}',
           b'{"uuid":"2","event":"e","distinct_id":"u","timestamp":1772442000,"properties":"[1]"}']  # fmt: skip
    project = new_project()
    file = written(tmp_path, "posthog.jsonl", [bad[0], good[0], bad[1], good[1], *bad[2:]])
    done = footfall("import", file, *project.here)
    assert done.returncode == 1
    said = done.stderr.replace("\n", "")
    for line, path in ((1, "$"), (3, "$.timestamp"), (5, "$.event"), (6, "$.properties")):
        assert f"{file}:{line}: " in said, done.stderr
        assert f"({path})" in said
    assert "2 events sent, 4 rows were not" in done.stderr
    assert project.settled()["stored"] == 2
    assert project.quarantined() == 0


ODD = {
    "mixpanel": [
        b'{"event":"$merge","properties":{"time":1772442000,"$insert_id":"1","$distinct_ids":"x"}}',
        b'{"event":"e","properties":{"time":1772442000,"$insert_id":"2","distinct_id":1e400}}',
        b'{"event":"e","properties":{"time":1772442000,"$insert_id":"3","distinct_id":"u","\xff":1}}',
        b'{"event":"e","properties":{"time":1772442000,"$insert_id":"4","distinct_id":"\xff"}}',
    ],
    "posthog": [
        b'{"uuid":"1","event":"e","distinct_id":"u","timestamp":1772442000,"properties":{"$device_id":1e400}}',
        b'{"uuid":"2","event":"e","distinct_id":"u","timestamp":1e300,"properties":{}}',
    ],
    "umami": [b'{"event_id":"1","session_id":1e400,"created_at":"2026-03-02 09:00:00","url_path":"/"}'],
    "amplitude": [
        b'{"event_type":"e","event_time":"2026-03-02 09:00:00","uuid":"1","groups":{"a":[1e400]}}',
        b'{"event_type":"e","event_time":"2026-03-02 09:00:00","uuid":"2","event_id":1%b}' % (b"0" * 30),
    ],
    "plausible": [b'{"name":"e","hostname":"h","pathname":"/","user_id":1e400,"timestamp":"2026-03-02 09:00:00"}'],
    "s0": [b'{"_id":"1","nombre":"a","accion":"b","timestamp":1772442000,"n":"\xff"}'],
}
"""Records by which readers stumbled, or could."""


@pytest.mark.parametrize("origin", EXPORTS)
def test_a_record_that_is_odd_ends_no_import(footfall: Run, new_project: Any, tmp_path: Path, origin: str) -> None:
    samples = {file.stem: file for file in SAMPLES.glob("*.json*")}
    good = samples[origin].read_bytes().splitlines() if origin in samples else [
        b'{"event_id":"%d","session_id":"s","created_at":"2026-03-02 09:00:00","url_path":"/"}' % n for n in range(4)
    ]  # fmt: skip
    file = written(tmp_path, f"{origin}.jsonl", [*ODD[origin], *good[:2], *ODD[origin], *good[2:]])
    project = new_project()
    zone = ("--timezone", "UTC") if origin == "mixpanel" else ()
    done = footfall("import", file, *zone, *project.here)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"{2 * len(ODD[origin])} rows were not" in done.stderr, done.stderr
    assert f"{len(good)} events sent" in done.stderr, done.stderr
    assert project.settled()["accepted"] >= len(good)
    assert project.quarantined() == 0


def test_what_cannot_be_told_or_is_no_export_gets_a_sentence(footfall: Run, operated: Server, tmp_path: Path) -> None:
    here = ["--data", str(operated.data)]
    totals = SAMPLES / "imported_visitors_20260301_20260331.csv"
    is_a_sentence(footfall("import", totals, *here), "totals by day", "events_v2", totals.name)
    is_a_sentence(footfall("import", SAMPLES / "mixpanel.jsonl", *here), "--timezone", "America/Los_Angeles")
    is_a_sentence(footfall("import", SAMPLES / "posthog.jsonl", "--timezone", "Mars", *here), "Mars", "--timezone")
    strange = written(tmp_path, "strange.jsonl", [b'{"what": 1}'])
    is_a_sentence(footfall("import", strange, *here), "posthog, umami, plausible", "--from")
    (tmp_path / "broken.zip").write_bytes(packed(tmp_path).read_bytes()[:-30])
    is_a_sentence(footfall("import", tmp_path / "broken.zip", *here), "broken.zip")
    empty = tmp_path / "empty.csv"
    empty.write_text("event,user_id\n")
    assert "0 events sent." in footfall("import", empty, *here).stderr


def test_a_folder_is_read_by_name_and_what_is_no_export_is_passed_over(
    footfall: Run, new_project: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "dump"
    (folder / "later").mkdir(parents=True)
    lines = (SAMPLES / "posthog.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "1.jsonl.gz").write_bytes(gzip.compress(lines[0]))
    (folder / "later" / "2.unknown").write_bytes(zstandard.compress(lines[1]))
    (folder / "3.json").write_bytes(b"\xef\xbb\xbf" + lines[2])
    (folder / ".hidden.jsonl").write_bytes(lines[3])
    (folder / "notes").write_text("read me")
    project = new_project()
    done = footfall("import", folder, SAMPLES / "umami.csv", *project.here)
    assert done.returncode == 0, done.stderr
    assert f"Passed over: {folder}/notes says nothing" in done.stderr.replace("\n", "")
    assert project.settled()["stored"] == 3 + 3


def test_an_archive_may_hold_tables_beside_the_events_but_not_them_alone(
    footfall: Run, new_project: Any, tmp_path: Path
) -> None:
    umami, totals = tmp_path / "umami.zip", tmp_path / "shop_example.zip"
    with zipfile.ZipFile(umami, "w") as archive:
        archive.writestr("event_data.csv", "event_id,data_key,string_value,data_type\n1,plan,pro,1\n")
        archive.write(SAMPLES / "umami.csv", "website_event.csv")
    with zipfile.ZipFile(totals, "w") as archive:
        archive.write(SAMPLES / "imported_visitors_20260301_20260331.csv", "imported_visitors.csv")
    project = new_project()
    done = footfall("import", umami, *project.here)
    assert done.returncode == 0, done.stderr
    assert "Passed over" in done.stderr
    assert project.settled()["stored"] == 3
    alone = footfall("import", totals, *project.here)
    assert alone.returncode == 1
    assert "totals by day" in alone.stderr.replace("\n", " ")


def test_parquet_of_a_batch_export_is_read_too(footfall: Run, new_project: Any, tmp_path: Path) -> None:
    records = [json.loads(line) for line in (SAMPLES / "posthog.jsonl").read_bytes().splitlines()]
    stamps = pa.array([1_772_442_000_500_000] * len(records), pa.timestamp("us", "UTC"))
    columns = {name: [one[name] for one in records] for name in ("uuid", "event", "distinct_id", "elements_chain")} | {
        "properties": [json.dumps(one["properties"]) for one in records],
        "timestamp": stamps,
    }
    parquet.write_table(pa.table(columns), tmp_path / "events.parquet")
    project = new_project()
    assert footfall("import", tmp_path / "events.parquet", *project.here).returncode == 0
    assert project.settled()["stored"] == 7
    assert project.sql("SELECT uniqExact(timestamp), min(timestamp) FROM events") == [[1, "2026-03-02 09:00:00.500"]]


def amplitude_of(many: int) -> bytes:
    """As many events of a hundred devices, of which each is seen with a user sooner or later."""
    out = io.BytesIO()
    for n in range(many):
        known = f'"ann-{n % 100}"' if n % 3 == 0 else "null"
        out.write(
            b'{"$insert_id":"i%d","amplitude_id":1,"device_id":"device-%d","event_time":"2026-03-02 09:%02d:%02d.%06d",'
            b'"event_type":"e%d","event_properties":{"n":%d},"user_id":%b,"uuid":"00000000-0000-4000-8000-%012d"}\n'
            % (n, n % 100, n // 600 % 60, n // 10 % 60, n, n % 7, n, known.encode(), n)
        )
    return out.getvalue()


def test_killed_in_the_middle_and_run_again_an_export_is_there_once(
    footfall: Run, new_project: Any, tmp_path: Path
) -> None:
    project, many = new_project(), 30_000
    lines = amplitude_of(many).splitlines(keepends=True)
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for part in range(3):
            portion = b"".join(lines[part * 10_000 : (part + 1) * 10_000])
            archive.writestr(f"1/1_2026-03-02_{part}#0.json.gz", gzip.compress(portion))
    for least in (1, 12_000):
        running = subprocess.Popen(
            [sys.executable, "-m", "footfall", "import", str(file), *project.here],
            env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        before, give_up = project.status()["accepted"], time.monotonic() + 120
        while project.status()["accepted"] < before + least and running.poll() is None:
            assert time.monotonic() < give_up
            time.sleep(0.01)
        running.kill()
        running.wait()
    for _ in range(2):
        done = footfall("import", file, *project.here, timeout=240)
        assert done.returncode == 0, done.stderr
        assert f"{many:,} events sent, with 100 more" in done.stderr
        assert project.settled()["stored"] == many + 100
        asked = "SELECT count(), uniqExact(event_id), uniqExact(person_id) FROM events WHERE event != '$identify'"
        assert project.sql(asked) == [[many, many, 100]]
