# ruff: noqa: N802 - rules are called by their letter
"""Exports of other products, record by record: what becomes of names, ids, people, times, pages and properties."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.errors import BadRequest
from footfall.model.event import Event, Receipt
from footfall.protocols.exports import EXPORTS, Link, id_of, no_events, recognised
from footfall.protocols.exports.export import device_of
from footfall.protocols.native import entry_of
from tests.support.moments import at

SAMPLES = Path(__file__).parents[1] / "data" / "exports"
UTC = ZoneInfo("UTC")


def records(sample: str) -> list[bytes]:
    """The records of a sample, as the command hands them over."""
    file = SAMPLES / sample
    if file.suffix != ".csv":
        return file.read_bytes().splitlines()
    with file.open(newline="") as opened:
        return [
            msgspec.json.encode({name: cell for name, cell in row.items() if cell not in ("", "\\N")})
            for row in csv.DictReader(opened)
        ]


def told(origin: str, record: bytes | dict[str, Any], zone: ZoneInfo | None = UTC) -> dict[str, Any]:
    """What an export says, as JSON."""
    text = record if isinstance(record, bytes) else json.dumps(record).encode()
    entry = EXPORTS[origin].read(text, zone)
    return {k: v for k, v in json.loads(msgspec.json.encode(entry.event)).items() if v not in ("", None, {})}


def link(origin: str, record: bytes | dict[str, Any]) -> Link | None:
    text = record if isinstance(record, bytes) else json.dumps(record).encode()
    return EXPORTS[origin].read(text, UTC).link


SAMPLED = {
    "s0.json": "s0", "posthog.jsonl": "posthog", "posthog.csv": "posthog", "umami.csv": "umami",
    "plausible.csv": "plausible", "plausible.jsonl": "plausible", "mixpanel.jsonl": "mixpanel",
    "amplitude.jsonl": "amplitude",
}  # fmt: skip


# ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────


def test_every_product_has_a_sample() -> None:
    assert set(SAMPLED.values()) == EXPORTS.keys()


@pytest.mark.parametrize("sample", SAMPLED)
def test_is_recognised_by_each_record_and_by_nobody_else(sample: str) -> None:
    for record in records(sample):
        found = recognised(msgspec.json.decode(record, type=dict[str, msgspec.Raw]))
        assert [export.name for export in found] == [SAMPLED[sample]]


@pytest.mark.parametrize("sample", SAMPLED)
def test_becomes_an_event_by_our_own_rules(sample: str) -> None:
    receipt = Receipt(received_at=at("2026-11-25T00:00:00Z"), keeps_receipt=True)
    for record in records(sample):
        entry = entry_of(msgspec.json.encode(told(SAMPLED[sample], record)), receipt)
        assert isinstance(entry, Event), entry
        assert entry.event
        assert entry.timestamp < at("2026-03-04T00:00:00Z")


@pytest.mark.parametrize(
    "own",
    [
        {"event": "a"}, {"event": "a", "properties": {"time": 1}}, {"event": "a", "event_id": "1", "user_id": "u"},
        {"event": "a", "timestamp": 1, "properties": {"time": 1, "distinct_id": "u"}}, {"event": "a", "uuid": "1"},
    ],
    ids=["a name", "with a property of another's name", "with an id", "with all of another's", "with a strange member"],
)  # fmt: skip
def test_an_event_of_ours_is_nobody_else_s(own: dict[str, Any]) -> None:
    assert recognised(msgspec.json.decode(json.dumps(own), type=dict[str, msgspec.Raw])) == []


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("date,visitors,pageviews,bounces,visits,visit_duration", "totals by day"),
        ("date,page,hostname,visits,visitors,pageviews", "totals by day"),
        ("date,name,link_url,path,visitors,events", "totals by day"),
        ("session_id,sign,entry_page,exit_page,is_bounce,start", "events_v2"),
        ("event_data_id,website_id,website_event_id,data_key,string_value,data_type", "website_event"),
        ("session_id,website_id,browser,os,device,screen,created_at", "website_event"),
        ("team_id,distinct_id,person_id,person_version,properties", "persons"),
        ("$distinct_id,$properties", "profiles"),
        ("amplitude_id,merged_amplitude_id", "merged"),
    ],
)
def test_a_table_that_holds_no_events_is_told_so(names: str, words: str) -> None:
    record = dict.fromkeys(names.split(","), "x")
    assert recognised(record) == []
    assert words in no_events(record)


@pytest.mark.parametrize("origin", EXPORTS)
@pytest.mark.parametrize("damaged", [b"[]", b"{", b'"x"', b"{}", b'{"event": 1}', b"\xff", b"[" * 5000])
def test_what_is_no_record_is_refused_with_its_place(origin: str, damaged: bytes) -> None:
    with pytest.raises(BadRequest) as refusal:
        EXPORTS[origin].read(damaged, UTC)
    assert refusal.value.detail.endswith((".", "?"))
    assert refusal.value.path.startswith("$")


ODD = [
    b"1e400", b"-1e400", b"99999999999999999999999999", b"1e300", b"-1", b"true", b"null", b'""', b'"x"', b'"\xff"',
    b"[]", b"[1e400]", b'[["x"]]', b"{}", b'{"a":1e400}', b'{"a":[1e400]}', b'{"a":"\xff"}', b'{"$date":1e400}',
    b'{"$numberLong":"99999999999999999999999999"}', b'"' + b"9" * 5000 + b'"', b"[" * 3000 + b"]" * 3000,
    b'"{\\"a\\":1e400}"', b'"\\ud800"', b'"9999-12-31T23:59:59-23:59"',
]  # fmt: skip
"""What a member may hold that nobody thought of."""
STRANGE = {"mixpanel": ["$distinct_ids", "$user_id", "$mp_api_timestamp_ms"], "posthog": ["$groups", "$set"]}
"""Members of properties, beside those of the samples."""


def members(record: bytes) -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(record, type=dict[str, msgspec.Raw])


def mutants(sample: str) -> Iterator[bytes]:
    """Each record of a sample with one member, or one of its properties, that is odd."""
    for record in {tuple(members(one)): one for one in records(sample)}.values():
        whole = members(record)
        inner = members(whole["properties"]) if bytes(whole.get("properties", b"")).startswith(b"{") else {}
        inner |= dict.fromkeys(STRANGE.get(SAMPLED[sample], []), msgspec.Raw(b"1"))
        for odd in map(msgspec.Raw, ODD):
            for name in whole:
                yield msgspec.json.encode(whole | {name: odd})
            for name in inner:
                yield msgspec.json.encode(whole | {"properties": inner | {name: odd}})
            for event in ("$merge", "$groupidentify"):
                yield msgspec.json.encode(whole | {"event": event, "event_type": event, "properties": inner | {
                    "$distinct_ids": odd, "$group_key": odd}})  # fmt: skip


@pytest.mark.parametrize("sample", SAMPLED)
def test_an_odd_record_is_an_entry_or_is_refused_with_its_place(sample: str) -> None:
    refused = []
    for mutant in mutants(sample):
        try:
            EXPORTS[SAMPLED[sample]].read(mutant, UTC)
        except BadRequest as refusal:
            refused.append(refusal)
    assert refused
    assert all(one.detail.endswith((".", "?")) and (one.path or "").startswith("$") for one in refused)


@given(one=st.lists(st.text(), max_size=3), other=st.lists(st.text(), max_size=3))
def test_ids_of_several_parts_are_alike_only_where_all_parts_are(one: list[str], other: list[str]) -> None:
    assert (id_of(*one) == id_of(*other)) == (one == other)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Desktop", "desktop"), ("laptop", "desktop"), ("Ultra-wide", "desktop"), ("Mac OS X", "desktop"),
        ("Windows", "desktop"), ("Apple iPhone 15", "mobile"), ("Android", "mobile"), ("Apple iPad Pro", "tablet"),
        ("Samsung Galaxy Tablet", "tablet"), ("smarttv", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_told_by_a_word(words: str, kind: str) -> None:
    assert device_of(words) == kind


# ── S0 ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_S0_a_document_is_an_interaction_with_its_id() -> None:
    first, second, _ = (told("s0", record) for record in records("s0.json"))
    assert first == {
        "event": "component_interaction", "event_id": "65e2f3a0b1c2d3e4f5a60001", "component": "Checkout",
        "action": "view", "timestamp": at("2026-03-02T09:00:00.125Z"), "properties": {"tipo_usuario": "anonymous"},
    }  # fmt: skip
    assert second["user_id"] == "65e2f3a0b1c2d3e4f5a6beef"
    assert second["timestamp"] == at("2026-03-02T09:01:00Z")
    assert second["properties"] == {"tipo_usuario": "registered", "intentos": 3}


@pytest.mark.parametrize(
    "when",
    [
        {"$date": "2026-03-02T09:00:00Z"}, {"$date": {"$numberLong": "1772442000000"}}, {"$date": 1772442000000},
        "2026-03-02T09:00:00.000Z", 1772442000, "2026-03-02 10:00:00+01:00",
    ],
    ids=["relaxed", "canonical", "of old", "a text", "seconds", "with an offset"],
)  # fmt: skip
def test_S0_a_date_of_any_mode(when: object) -> None:
    document = {"_id": "1", "nombre": "a", "accion": "b", "timestamp": when}
    assert told("s0", document)["timestamp"] == at("2026-03-02T09:00:00Z")


def test_S0_numbers_that_json_does_not_have_stay_texts() -> None:
    document = {"_id": 7, "nombre": "a", "accion": "b", "timestamp": 1772442000, "n": {"$numberDouble": "NaN"},
                "l": [{"$numberLong": "9007199254740993"}, {"$oid": "x"}, {"$other": 1}]}  # fmt: skip
    found = told("s0", document)
    assert found["event_id"] == "7"
    assert found["properties"] == {"n": "NaN", "l": [9007199254740993, "x", {"$other": 1}]}


# ── PostHog ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_posthog_a_page_view_has_its_page_visitor_session_and_surroundings() -> None:
    found = told("posthog", records("posthog.jsonl")[0])
    properties = found.pop("properties")
    agent = found.pop("user_agent")
    assert found == {
        "event": "page_view", "event_id": "019cae10-0000-7000-8000-000000000001",
        "timestamp": at("2026-03-02T09:00:00.500Z"), "received_at": at("2026-03-02T09:00:02Z"),
        "anonymous_id": "019cae00-8936-7d40-b6a2-473c36e2f40d", "session_id": "019cae0f-1111-7000-8000-000000000001",
        "url": "https://shop.example/pricing?utm_source=nl&utm_campaign=c1&token=s3cret", "page": "/pricing",
        "title": "Pricing", "screen": "1280x720", "device": "desktop", "browser": "Chrome", "os": "Linux",
        "locale": "en-US", "utm_source": "nl", "utm_campaign": "c1",
    }  # fmt: skip
    assert agent.startswith("Mozilla/5.0")
    assert not {"$ip", "token", "$current_url", "$referrer"} & properties.keys()
    assert properties["$browser_version"] == 142


def test_posthog_properties_stay_letter_for_letter() -> None:
    first, _, third, *_ = (
        EXPORTS["posthog"].read(record, None).event["properties"] for record in records("posthog.jsonl")
    )
    assert bytes(first["big"]) == b"12345678901234567890"
    assert bytes(third["amount"]) == b"49.90"
    assert bytes(third["nested"]) == b'{"a":[1,{"b":null}]}'
    assert bytes(third["title"]) == b'"A book"', "a title is a page's on page views only"


def test_posthog_csv_says_the_same_as_json() -> None:
    as_lines, as_cells = records("posthog.jsonl"), records("posthog.csv")
    assert len(as_lines) == len(as_cells)
    for line, cells in zip(as_lines, as_cells, strict=True):
        assert told("posthog", line) == told("posthog", cells)


PERSON = "019cae00-8936-7d40-b6a2-473c36e2f40d"


@pytest.mark.parametrize(
    ("distinct_id", "properties", "who"),
    [
        (PERSON, {"$device_id": PERSON, "$lib": "web"}, {"anonymous_id": PERSON}),
        ("ann", {"$device_id": PERSON, "$lib": "web", "$user_id": "ann"}, {"user_id": "ann", "anonymous_id": PERSON}),
        ("ann", {"$device_id": PERSON, "$lib": "web"}, {"user_id": "ann", "anonymous_id": PERSON}),
        (PERSON, {"$is_identified": False}, {"anonymous_id": PERSON}),
        (PERSON, {"$is_identified": True, "$lib": "posthog-ios"}, {"user_id": PERSON}),
        (PERSON, {"$lib": "posthog-python", "$process_person_profile": False}, {"anonymous_id": PERSON}),
        (PERSON, {"$lib": "posthog-python"}, {"user_id": PERSON}),
        (PERSON, {"$lib": "posthog-ios"}, {"anonymous_id": PERSON}),
        ("ann", {"$lib": "posthog-ios"}, {"user_id": "ann"}),
        ("", {}, {}),
    ],
    ids=["a device", "a user", "a user, long ago", "said to be none", "said to be one", "a server's nobody",
         "a server's user", "a phone", "a phone's user", "nobody"],
)  # fmt: skip
def test_R23_posthog_who_it_was(distinct_id: str, properties: dict[str, Any], who: dict[str, str]) -> None:
    record = {"uuid": "1", "event": "e", "distinct_id": distinct_id, "timestamp": 1772442000, "properties": properties}
    found = told("posthog", record)
    assert {name: found[name] for name in ("user_id", "anonymous_id") if name in found} == who
    assert link("posthog", record) is None, "PostHog links by $identify alone"


def test_R23_posthog_links_by_identify_and_alias() -> None:
    _, identify, *_, group, alias = (told("posthog", record) for record in records("posthog.jsonl"))
    assert (identify["event"], identify["user_id"], identify["anonymous_id"]) == ("$identify", "ann", PERSON)
    assert identify["properties"]["traits"] == {"email": "ann@shop.example", "name": "Ann", "first": 1}
    assert (alias["event"], alias["user_id"], alias["anonymous_id"]) == ("$alias", "bob", PERSON[:-4] + "ffff")
    assert (group["event"], group["groups"]) == ("$group", {"company": "g1"})
    assert group["properties"]["traits"] == {"name": "ACME"}


@pytest.mark.parametrize(("one", "other"), [(PERSON, "ann"), ("ann", PERSON)], ids=["new name last", "first"])
def test_R23_posthog_an_alias_is_meant_the_same_in_either_order(one: str, other: str) -> None:
    sent = {"uuid": "1", "event": "$create_alias", "distinct_id": one, "timestamp": 1772442000,
            "properties": {"distinct_id": one, "alias": other}}  # fmt: skip
    found = told("posthog", sent)
    assert (found["user_id"], found["anonymous_id"]) == ("ann", PERSON)


def test_posthog_a_click_keeps_what_was_clicked() -> None:
    assert told("posthog", records("posthog.jsonl")[4])["properties"]["$elements_chain"].startswith("a.link")


# ── Umami ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_umami_a_session_of_theirs_is_a_visitor_and_a_visit_is_a_session() -> None:
    view, custom, phone = (told("umami", record) for record in records("umami.csv"))
    assert view == {
        "event": "page_view", "event_id": "e0000000-0000-4000-8000-000000000001",
        "anonymous_id": "0a1b2c3d-0000-4000-8000-000000000001", "session_id": "7e4b0f61-0000-4000-8000-00000000000a",
        "timestamp": at("2026-03-02T09:00:00Z"), "url": "https://shop.example/pricing?utm_source=nl&token=s3cret",
        "page": "/pricing", "title": "Pricing", "referrer": "https://www.google.com/search?q=shop",
        "browser": "chrome", "os": "Windows 10", "device": "desktop", "screen": "1920x1080", "locale": "en-US",
        "utm_source": "nl",
        "properties": {"umami": {"hostname": "shop.example", "country": "DE", "region": "DE-BE", "city": "Berlin"}},
    }  # fmt: skip
    assert custom["event"] == "signup-button"
    assert custom["properties"]["plan"] == "pro"
    assert custom["properties"]["seats"] == 3
    assert custom["properties"]["umami"]["tag"] == "blue"
    assert (phone["user_id"], phone["device"]) == ("u1", "mobile")
    assert phone["timestamp"] == at("2026-03-02T23:30:00.250Z")


def test_umami_a_time_without_an_offset_is_of_the_zone_that_is_said() -> None:
    record = records("umami.csv")[0]
    assert told("umami", record, ZoneInfo("Europe/Berlin"))["timestamp"] == at("2026-03-02T08:00:00Z")
    assert told("umami", record, None)["timestamp"] == at("2026-03-02T09:00:00Z")


@pytest.mark.parametrize(("kind", "name"), [(3, "link_click"), (4, "pixel_view"), (5, "web_vitals"), (9, "x")])
def test_umami_other_kinds_of_events_have_names(kind: int, name: str) -> None:
    record = {"event_id": "1", "session_id": "2", "created_at": "2026-03-02 09:00:00", "url_path": "/",
              "event_type": kind, "event_name": "x"}  # fmt: skip
    assert told("umami", record)["event"] == name


# ── Plausible ────────────────────────────────────────────────────────────────────────────────────────────────


def test_plausible_a_row_is_an_event_of_a_visitor_of_the_day() -> None:
    view, _, engagement, custom, phone = (told("plausible", record) for record in records("plausible.csv"))
    assert view == {
        "event": "page_view", "timestamp": at("2026-03-02T09:00:00Z"), "anonymous_id": "9034567890123456789",
        "session_id": "1234567890123456789", "url": "https://shop.example/pricing", "page": "/pricing",
        "referrer": "https://google.com/search", "device": "desktop", "browser": "Safari", "os": "Mac",
        "utm_source": "nl",
        "properties": {"plausible": {"site_id": "7", "hostname": "shop.example", "referrer_source": "Google",
            "country_code": "DE", "browser_version": "17.4", "operating_system_version": "14",
            "subdivision1_code": "DE-BE", "city_geoname_id": "2950159"}},
    }  # fmt: skip
    assert engagement["event"] == "heartbeat"
    assert engagement["properties"]["plausible"]["engagement_time"] == "40000"
    assert {k: custom["properties"][k] for k in ("plan", "it's, \\ '")} == {"plan": "pro", "it's, \\ '": "x\ny"}
    assert phone["device"] == "mobile"


def test_plausible_keys_without_values_are_refused() -> None:
    record = json.loads(records("plausible.jsonl")[0]) | {"meta.value": []}
    with pytest.raises(BadRequest, match="as many keys"):
        told("plausible", record)


# ── Mixpanel ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_mixpanel_a_page_view_has_its_page_and_device() -> None:
    found = told("mixpanel", records("mixpanel.jsonl")[0])
    assert found.pop("properties")["$region"] == "Berlin"
    assert len(found.pop("event_id")) == 32
    assert found == {
        "event": "page_view", "timestamp": at("2026-03-02T09:00:00Z"), "received_at": at("2026-03-02T09:00:01Z"),
        "anonymous_id": "51180f4b-5bd3-4699-b09e-e8f0f53a6eb3", "page": "/pricing", "title": "Pricing",
        "url": "https://shop.example/pricing?utm_source=nl&token=s3cret", "referrer": "https://www.google.com/",
        "screen": "1280x720", "device": "desktop", "browser": "Chrome", "os": "Mac OS X", "utm_source": "nl",
    }  # fmt: skip


def test_mixpanel_a_device_is_the_user_s_with_whom_it_is_seen() -> None:
    view, signed_up, _, paid, _ = records("mixpanel.jsonl")
    assert link("mixpanel", view) is None
    assert link("mixpanel", signed_up) == Link("51180f4b-5bd3-4699-b09e-e8f0f53a6eb3", "ann")
    assert link("mixpanel", paid) is None
    assert told("mixpanel", paid)["user_id"] == "ann"


def test_R25_mixpanel_copies_are_one_event_and_an_insert_id_of_two_names_is_two() -> None:
    _, _, completed, paid, copy = (told("mixpanel", record)["event_id"] for record in records("mixpanel.jsonl"))
    assert paid == copy != completed


def test_R25_mixpanel_seconds_and_milliseconds_are_the_same_event() -> None:
    record = json.loads(records("mixpanel.jsonl")[1])
    in_millis = record | {"properties": record["properties"] | {"time": 1772442060789}}
    assert told("mixpanel", record)["event_id"] == told("mixpanel", in_millis)["event_id"]
    assert told("mixpanel", in_millis)["timestamp"] == 1772442060789


@pytest.mark.parametrize(
    ("zone", "wall", "moment"),
    [
        ("UTC", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"),
        ("America/Los_Angeles", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00-08:00"),
        ("America/Los_Angeles", "2026-07-02T09:00:00Z", "2026-07-02T09:00:00-07:00"),
        ("Asia/Kolkata", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00+05:30"),
    ],
)
def test_mixpanel_times_are_the_project_s_clock(zone: str, wall: str, moment: str) -> None:
    record = {"event": "e", "properties": {"time": at(wall) // 1000, "distinct_id": "u"}}
    assert told("mixpanel", record, ZoneInfo(zone))["timestamp"] == at(moment)


def test_mixpanel_an_event_ahead_of_its_own_arrival_is_of_another_zone() -> None:
    properties = {"time": 1772442000, "distinct_id": "u", "mp_processing_time_ms": 1772442000000 - 19_800_000}
    with pytest.raises(BadRequest, match="--timezone"):
        told("mixpanel", {"event": "e", "properties": properties}, UTC)
    assert told("mixpanel", {"event": "e", "properties": properties}, ZoneInfo("Asia/Kolkata"))


DEVICE = "51180f4b-5bd3-4699-b09e-e8f0f53a6eb3"


@pytest.mark.parametrize(
    ("event", "properties", "who"),
    [
        ("e", {"distinct_id": f"$device:{DEVICE}"}, (None, DEVICE)),
        ("e", {"distinct_id": DEVICE, "$device_id": DEVICE}, (None, DEVICE)),
        ("e", {"distinct_id": "ann", "$device_id": DEVICE}, ("ann", DEVICE)),
        ("e", {"distinct_id": "ann"}, ("ann", None)),
        ("$identify", {"$identified_id": "ann", "$anon_id": DEVICE, "distinct_id": "ann"}, ("ann", DEVICE)),
        ("$identify", {"$user_id": "ann", "$anon_distinct_id": f"$device:{DEVICE}"}, ("ann", DEVICE)),
        ("$create_alias", {"distinct_id": DEVICE, "alias": "ann"}, ("ann", DEVICE)),
        ("$merge", {"$distinct_ids": [DEVICE, "ann"]}, ("ann", DEVICE)),
        ("$merge", {"$distinct_ids": ["ann", DEVICE]}, ("ann", DEVICE)),
    ],
    ids=["a device by its prefix", "a device by both", "resolved by Mixpanel", "a server's user", "identify",
         "identify of the browser", "alias", "merge", "merge the other way"],
)  # fmt: skip
def test_R23_mixpanel_who_it_was(event: str, properties: dict[str, Any], who: tuple[str | None, str | None]) -> None:
    found = told("mixpanel", {"event": event, "properties": properties | {"time": 1772442000}})
    assert (found.get("user_id"), found.get("anonymous_id")) == who


# ── Amplitude ────────────────────────────────────────────────────────────────────────────────────────────────


def test_amplitude_a_page_view_of_a_browser() -> None:
    found = told("amplitude", records("amplitude.jsonl")[0])
    properties = found.pop("properties")
    assert found == {
        "event": "page_view", "event_id": "00000000-0000-4000-8000-0000000000a1", "seq": 2,
        "timestamp": at("2026-03-02T09:00:00.250Z"), "received_at": at("2026-03-02T09:00:02Z"),
        "anonymous_id": "0b72d63d-7b89-49de-963e-485c4d3d9d4e", "session_id": "1772441998018",
        "page": "/pricing", "title": "Pricing", "url": "https://shop.example/pricing?utm_source=nl&token=s3cret",
        "locale": "English", "browser": "Chrome", "os": "Mac OS X", "device": "desktop", "utm_source": "nl",
    }  # fmt: skip
    assert properties["[Amplitude] Page Counter"] == 1
    assert properties["amplitude"]["country"] == "Germany"
    assert "192.0.2.1" not in json.dumps(properties)


def test_amplitude_a_device_is_the_user_s_with_whom_it_is_seen() -> None:
    view, start, order, phone = records("amplitude.jsonl")
    assert (link("amplitude", view), told("amplitude", start)["event"]) == (None, "$session_start")
    assert link("amplitude", order) == Link("0b72d63d-7b89-49de-963e-485c4d3d9d4e", "ann-1")
    assert told("amplitude", order)["groups"] == {"company": "g1"}
    assert bytes(EXPORTS["amplitude"].read(order, None).event["properties"]["amount"]) == b"49.90"
    assert {name: bytes(value) for name, value in EXPORTS["amplitude"].read(order, None).traits.items()} == {
        "email": b'"ann@shop.example"'}  # fmt: skip
    found = told("amplitude", phone)
    assert (found["os"], found["device"], found["app_version"]) == ("ios", "mobile", "201")
    assert "session_id" not in found, "-1 is none"


def test_amplitude_what_is_set_of_a_person_or_a_group_are_traits() -> None:
    at_once = {"event_type": "$identify", "event_time": "2026-03-02 09:00:00", "uuid": "1", "user_id": "ann",
               "user_properties": {"$set": {"email": "x"}, "$setOnce": {"first": 1, "y": "EMPTY"}}}  # fmt: skip
    assert told("amplitude", at_once)["properties"]["traits"] == {"first": 1, "email": "x"}
    group = {"event_type": "$groupidentify", "event_time": "2026-03-02 09:00:00", "uuid": "1",
             "groups": {"company": "g1"}, "group_properties": {"$set": {"name": "ACME"}}}  # fmt: skip
    found = told("amplitude", group)
    assert (found["event"], found["groups"]) == ("$group", {"company": "g1"})
    assert found["properties"]["traits"] == {"name": "ACME"}


def test_amplitude_without_a_uuid_an_insert_id_counts_once_a_device() -> None:
    sent = {"event_type": "e", "event_time": "2026-03-02 09:00:00", "$insert_id": "1", "device_id": "a"}
    assert told("amplitude", sent)["event_id"] == told("amplitude", sent)["event_id"]
    assert told("amplitude", sent)["event_id"] != told("amplitude", sent | {"device_id": "b"})["event_id"]
