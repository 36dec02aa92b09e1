"""Personal data and secrets at the door of a real server (`governance.md`; `product.md`, F17, F18)."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.journey.server import Server
from tests.support.traces import traces

MAIL = "anna.canary@example.com"


class Kind(NamedTuple):
    """A rule, a text that it finds, the part that must be nowhere, and what is left of the text."""

    rule: str
    sent: str
    value: str
    kept: str


def kind(rule: str, before: str, pieces: tuple[str, ...], after: str = "", kept: str | None = None) -> Kind:
    """Values come in pieces, so that no code host takes them for somebody's."""
    value = "".join(pieces)
    return Kind(rule, f"{before}{value}{after}", value, f"{before}[{rule}]{after}" if kept is None else kept)


KINDS = (
    kind("private_key", "", ("-----BEGIN PRI", "VATE KEY-----\ncanaryMIIB\n-----END PRI", "VATE KEY-----")),
    kind("jwt", "is ", ("ey", "JhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJl")),
    kind("token", "key ", ("AK", "IAIOSFODNN7CANARY0")),
    kind("authorization", "Bearer ", ("canary0123456789", "abcdef")),
    kind("url_password", "postgres://", ("app:", "canary99"), "@db.example/shop"),
    kind("url_secret", "/x?token=", ("canary", "31d7"), "&page=2"),
    kind("card", "paid with ", ("4242 4242 ", "4242 4242"), kept="paid with [card:4242]"),
    kind("phone", "call ", ("+44 20 7946 ", "0958")),
    kind("ip", "from ", ("203.0.113.", "77"), kept="from 203.0.113.0"),
    kind("us_ssn", "", ("123-45-", "6788")),
    kind("cn_id", "", ("110105194912", "31002X")),
    kind("iban", "to ", ("GB82 WEST 1234 ", "5698 7654 32")),
    kind("br_cpf", "", ("529.982.", "247-25")),
    kind("it_codice_fiscale", "", ("RSSMRA85", "T10A562S")),
    kind("sql", "", ("SELECT canary FROM ", "users WHERE id = 3")),
)
PLAN = """
plan: 1
owner: shop-team
defaults: {on_violation: warn, unplanned: allow, additional: warn, grace_days: 0}
privacy: {card: block, phone: allow, ip: remove}
events:
  order_sent:
    trigger: the order is on its way
    sources: [server]
    on_violation: quarantine
    properties:
      order_number: {type: string, pii: none}
      full_name: {type: string, pii: direct, on_pii: hash}
      comment: {type: string, pii: possible, on_pii: redact}
      count: {type: integer}
"""


def push(server: Server, plan: str = PLAN) -> None:
    answer = server.admin.put("/api/plan", content=plan, headers={"content-type": "application/yaml"})
    assert answer.status_code == 200, answer.text


def event(name: str, properties: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"event": name, "event_id": name, "properties": properties, **fields}


def stored(server: Server) -> dict[str, dict[str, Any]]:
    """Events by their id, once all are in the warehouse."""
    server.settled()
    return {one["event_id"]: one for one in server.events()}


def left_by(server: Server) -> bytes:
    """All that a server leaves on the disk: its folder, and what it said."""
    assert server.stop() == 0
    return traces(server.folder)


def in_every_spelling(value: str) -> list[bytes]:
    """As it is, and as JSON may write it."""
    return [value.encode(), json.dumps(value)[1:-1].encode(), json.dumps(value)[1:-1].replace("/", "\\/").encode()]


def test_every_kind_is_stored_without_its_value_and_left_nowhere(fresh: Server) -> None:
    fresh.collect([event(f"harmless.canary_{one.rule}", {"said": one.sent, "n": 1.50}) for one in KINDS])
    fresh.collect(
        event("with_names", {"password": "canary-pw", "mail": MAIL, "text": f"{'long ' * 300}canary-end", MAIL: 1})
    )
    # A secret in every field that takes a text, and in another spelling.
    fields = ("page", "url", "referrer", "title", "section", "component", "action", "user_id", "utm_source")
    key = KINDS[2].value
    fresh.collect(event("in_fields", {}, groups={"team": key}, **dict.fromkeys(fields, key)))
    fresh.collect(b'{"event":"escaped","event_id":"escaped","properties":{"a":"anna.canary\\u0040example.com"}}')
    found = stored(fresh)
    for one in KINDS:
        kept = found[f"harmless.canary_{one.rule}"]
        assert kept["properties"] == {"said": one.kept, "n": 1.5}, one.rule
        assert kept["redacted"] == {"$.properties.said": one.rule}
    named = found["with_names"]
    hashed = named["properties"]["mail"]
    assert hashed.startswith("[email:")
    assert named["properties"] == {"mail": hashed, "text": ("long " * 300)[:1024], hashed: 1}
    assert named["redacted"] == {
        "$.properties.password": "secret_key",
        "$.properties.mail": "email",
        "$.properties.text": "long_text",
        "$.properties.*": "email",
    }
    assert {found["in_fields"][name] for name in fields} == {"[token]"}
    assert found["in_fields"]["redacted"].keys() == {f"$.{name}" for name in (*fields, "groups.team")}
    assert found["escaped"]["properties"] == {"a": hashed}
    on_the_disk = left_by(fresh)
    assert b"harmless.canary_sql" in on_the_disk  # the search finds what is there
    values = [*(one.value for one in KINDS), MAIL, "canary-pw", "canary-end"]
    assert [value for value in values for one in in_every_spelling(value) if one in on_the_disk] == []


def test_what_nothing_was_found_in_is_on_the_disk_as_it_came(new_server: Callable[..., Server]) -> None:
    """The search of the test above finds each value where the scan is off."""
    careless = new_server(FOOTFALL_SCAN="0").start()
    careless.collect([event(f"x{place}", {"said": one.sent}) for place, one in enumerate(KINDS)])
    careless.collect(event("y", {"password": "canary-pw"}))
    found = stored(careless)
    assert [found[f"x{place}"]["properties"]["said"] for place in range(len(KINDS))] == [one.sent for one in KINDS]
    assert found["y"]["properties"] == {"password": "canary-pw"}
    assert {tuple(one["redacted"]) for one in found.values()} == {()}
    assert "footfall_redacted_total{" not in careless.anybody.get("/metrics").text
    on_the_disk = left_by(careless)
    assert [one.rule for one in KINDS if not any(text in on_the_disk for text in in_every_spelling(one.value))] == []


def test_quarantine_holds_nothing_either(fresh: Server) -> None:
    push(fresh, PLAN.replace("card: block, ", ""))
    no_event = {"event": f"of {MAIL}", "timestamp": "no time", "properties": {"password": "canary-pw", "mail": MAIL}}
    refused = event("order_sent", {"count": "canary two", "full_name": "Anna Canary", MAIL: 1, "deep": [{MAIL: MAIL}]})
    results = fresh.verdicts([no_event, refused])
    assert [one["status"] for one in results] == ["quarantined", "quarantined"]
    by_name, by_plan = sorted(fresh.quarantined(), key=lambda one: one["event"] == "order_sent")
    sent = json.loads(by_name["sent"])
    assert sent["event"] == by_name["event"]
    assert sent["event"].startswith("of [email:")
    assert sent["properties"].keys() == {"mail"}
    kept = json.loads(by_plan["sent"])["properties"]
    assert kept["full_name"].startswith("[direct:")
    hashed = next(name for name in kept if name.startswith("[email:"))
    assert kept["deep"] == [{hashed: hashed}]
    # What the plan has against it was found at the names that were sent.
    assert f"$.properties.{hashed}" in {one["path"] for one in by_plan["violations"]}
    on_the_disk = left_by(fresh)
    assert b"order_sent" in on_the_disk
    assert [one for one in (MAIL, "canary-pw", "Anna Canary") if one.encode() in on_the_disk] == []


def test_a_warned_event_does_not_keep_an_address_among_its_violations(fresh: Server) -> None:
    push(fresh)
    fresh.collect(event("order_sent", {MAIL: 1, "count": 1}))
    one = stored(fresh)["order_sent"]
    (name,) = one["properties"].keys() - {"count"}
    assert [found["path"] for found in one["violations"]] == [f"$.properties.{name}"]
    assert MAIL.encode() not in left_by(fresh)


def test_the_plan_changes_what_is_done(fresh: Server) -> None:
    push(fresh)
    card, phone = KINDS[6].sent, KINDS[7].sent
    results = fresh.verdicts([
        event("of_rules", {"a": phone, "b": KINDS[8].sent, "c": "x"}),
        event(f"pay {MAIL}", {"a": card, "other": "canary-other"}, event_id="blocked"),
        event(
            "order_sent",
            {"order_number": "4242424242424242", "full_name": "Anna Canary", "comment": f"by {MAIL}", "count": 1},
        ),
    ])  # fmt: skip
    assert [one["status"] for one in results] == ["ok", "dropped", "ok"]
    assert (results[1]["reason"], results[1]["path"]) == (
        "blocked: Something that must not be kept: card.",
        "$.properties.a",
    )
    found = stored(fresh)
    assert found.keys() == {"of_rules", "order_sent"}
    assert found["of_rules"]["properties"] == {"a": phone, "c": "x"}
    assert found["of_rules"]["redacted"] == {"$.properties.b": "ip"}
    kept = found["order_sent"]
    assert kept["properties"] == {
        "order_number": "4242424242424242",
        "full_name": kept["properties"]["full_name"],
        "comment": "by [email]",
        "count": 1,
    }
    assert kept["properties"]["full_name"].startswith("[direct:")
    # Of what was blocked there are its reason and its place.
    (held,) = fresh.quarantined()
    assert (held["reason"], held["path"], held["sent"]) == ("blocked", "$.properties.a", "")
    assert held["event"].startswith("pay [email:")
    on_the_disk = left_by(fresh)
    assert b"4242424242424242" in on_the_disk
    gone = (KINDS[6].value, MAIL, "canary-other", "Anna Canary", KINDS[8].value)
    assert [one for one in gone if one.encode() in on_the_disk] == []


def test_who_somebody_is_stays_and_tells_what_they_are(fresh: Server) -> None:
    """`user_id` and traits are meant to be known; a secret among them is not."""
    traits = {"email": MAIL, "phone": KINDS[7].value, "api_key": "canary-key", "note": KINDS[2].sent}
    fresh.collect({"event": "$identify", "event_id": "i", "user_id": MAIL, "anonymous_id": "a", "properties": traits})
    fresh.collect({"event": "seen", "event_id": "s", "user_id": MAIL, "properties": {"n": 1}})
    found = stored(fresh)
    assert found["i"]["properties"] == {"email": MAIL, "phone": KINDS[7].value, "note": "key [token]"}
    assert found["i"]["redacted"] == {"$.properties.api_key": "secret_key", "$.properties.note": "token"}
    assert (found["s"]["user_id"], found["s"]["redacted"]) == (MAIL, {})
    on_the_disk = left_by(fresh)
    assert MAIL.encode() in on_the_disk
    assert b"canary-key" not in on_the_disk


def test_a_hash_is_the_same_after_a_restart_and_another_with_another_key(new_server: Callable[..., Server]) -> None:
    def hashed(server: Server, event_id: str) -> str:
        server.collect(event("mailed", {"to": MAIL.upper()}, event_id=event_id))
        return stored(server)[event_id]["properties"]["to"]

    server = new_server().start()
    first = hashed(server, "before")
    server.restart()
    assert hashed(server, "after") == first
    assert (server.data / "hash.key").stat().st_mode & 0o077 == 0
    given = [new_server(folder, FOOTFALL_HASH_KEY="k" * 32).start() for folder in ("one", "two")]
    one, two = (hashed(server, "given") for server in given)
    assert one == two != first
    assert not (given[0].data / "hash.key").exists()


def test_what_was_taken_out_is_counted_by_rule(fresh: Server) -> None:
    assert "footfall_redacted_total{" not in fresh.anybody.get("/metrics").text
    fresh.collect([
        event("a", {"mail": MAIL, "text": f"{MAIL} {KINDS[8].sent}"}),
        event("b", {"mail": MAIL, "n": 1}),
        {"event": "", "properties": {"mail": MAIL}},
    ])  # fmt: skip
    lines = [one for one in fresh.anybody.get("/metrics").text.splitlines() if one.startswith("footfall_redacted")]
    assert lines == ['footfall_redacted_total{rule="email"} 4.0', 'footfall_redacted_total{rule="ip"} 1.0']


def test_what_is_replayed_and_imported_still_says_what_was_taken_out(fresh: Server) -> None:
    push(fresh, PLAN.replace("card: block, ", ""))
    refused = event("order_sent", {"count": "two", "comment": f"by {MAIL}"})
    assert [one["status"] for one in fresh.verdicts([refused])] == ["quarantined"]
    push(fresh, PLAN.replace("type: integer", "type: [integer, string]"))
    assert fresh.admin.post("/api/quarantine/replay", json={}).json() == {"replayed": 1, "remaining": 0}
    one = stored(fresh)["order_sent"]
    assert (one["properties"]["comment"], one["redacted"]) == ("by [email]", {"$.properties.comment": "email"})
    again = json.loads(fresh.reader.get("/api/events/export.jsonl").text) | {"event_id": "again"}
    assert fresh.admin.post("/api/events/import", json=[again]).status_code == 204
    two = stored(fresh)["again"]
    assert (two["properties"], two["redacted"]) == (one["properties"], one["redacted"])


@pytest.mark.parametrize("sent", [b'{"events":[{"event":"a","properties":{"mail":"anna.canary@example.com"', b"[]x"])
def test_a_body_that_is_no_json_is_neither_kept_nor_repeated(server: Server, sent: bytes) -> None:
    before = server.log_size()
    answer = server.sender.post(
        "/api/events/collect", content=sent, headers={"content-type": "application/json", "x-canary": MAIL}
    )
    assert (answer.status_code, MAIL in answer.text) == (400, False)
    assert MAIL not in server.log_text(before)


def test_a_batch_that_is_full_of_addresses_is_looked_through_beside_others(server: Server) -> None:
    """Two megabytes of them in one request."""
    many = {f"n{place}": [MAIL] * 2000 for place in range(1)}
    answer = server.collect([{"event": "full.of_mail", "properties": many} for _ in range(40)])
    assert answer.status_code == 204
    server.settled()
    kept = server.events(event="full.of_mail")
    assert len(kept) == 40
    assert MAIL not in json.dumps(kept)
