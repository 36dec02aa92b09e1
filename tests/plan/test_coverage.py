"""Where sources send events: each way of saying it, and what only looks like one."""

import pytest

from footfall.plan.coverage import Call, calls, coverage
from tests.plan.examples import bundle


def found(name: str, text: str) -> list[str]:
    """Events, and in brackets what is said where there is none."""
    return [call.event or f"<{call.said}>" for call in calls(name, text)]


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ('track("a")', ["a"]),
        ("track('a', { b: 1 }, { section: 's' })", ["a"]),
        ("track(`a`)", ["a"]),
        ('tracker.track("a")', ["a"]),
        ('window.footfall?.track("a")', ["a"]),
        ('this.#client.track("a")', ["a"]),
        ('track<Events>("a")', ["a"]),
        ('track("a" as const)', ["a"]),
        ('await track(("a"))', ["a"]),
        ('const send = useTrack(); send("a")', ["a"]),
        ('const { track: send } = useTracking(); send({ name: "a" })', ["a"]),
        ('import { track as send } from "@footfall/browser"; send("a")', ["a"]),
        ('analytics.track({ event: "project.created", userId: 1 })', ["project.created"]),
        ('analytics.track({ userId: 1, "event": "a" })', ["a"]),
        ('track(paid ? "a" : "b")', ["a", "b"]),
        ('trackInteraction("VideoPlayer", "play")', ["VideoPlayer.play"]),
        ("trackInteraction(name, 'play')", ["component_interaction"]),
        (
            'trackComponentVisit("A"); trackComponentExit("A"); trackError("A", e)',
            ["component_visit", "component_exit", "component_error"],
        ),
        ('usePageView("home")', ["page_view"]),
        ("track(name)", ["<name>"]),
        ("track(`a_${kind}`)", ["<`a_${kind}`>"]),
        ('track("a_" + kind)', ['<"a_" + kind>']),
        ("track({ name })", ["<{ name }>"]),
        ("track(...rest)", ["<...rest>"]),
        ('track("a\\x62")', ['<"a\\x62">']),
        ("track(EventName.ADD_TO_CART)", ["<EventName.ADD_TO_CART>"]),
        ("track()", []),
        ('// track("a")\n/* track("b") */ const text = \'track("c")\'', []),
        ('send("a"); tracks("b"); soundtrack("c"); x.track; backtrack.tracks("d")', []),
        ("class T { track(event) { return event } }", []),
        ("const broken = ; track('a'); function (", ["a"]),
    ],
)
def test_calls_in_typescript(text: str, events: list[str]) -> None:
    assert found("a.ts", text) == events
    assert found("a.tsx", text) == events
    if "<Events>" not in text and " as const" not in text:  # what JavaScript has not
        assert found("a.js", text) == events


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ('<button data-track="a" />', ["a"]),
        ("<button data-track={'a'}>x</button>", ["a"]),
        ("<button data-track={name} />", ["<name>"]),
        ('<b data-track={on ? "a" : "b"} />', ["a", "b"]),
        ('<b data-tracked="a" data-track-props="{}" track="b" {...track} />', []),
        ('<b onClick={() => track("a")} />', ["a"]),
        ("<TrackPage name={PageName.HOME}><b /></TrackPage>", ["page_view"]),
    ],
)
def test_calls_in_jsx(text: str, events: list[str]) -> None:
    assert found("a.tsx", text) == events
    assert found("a.jsx", text) == events


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ('<b data-track="a">x</b>', ["a"]),
        ("<b data-track=a>x</b>", ["a"]),
        ('<b DATA-TRACK="a&amp;b">x</b>', ["a&b"]),
        ('<b data-track data-track-props="{}">x</b>', []),
        ('<b onclick="footfall.track(&quot;a&quot;)">x</b>', ["a"]),
        ('<script>footfall.track("a")</script>', ["a"]),
        ('<script lang="ts">track("a" as string)</script>', ["a"]),
        ('<!-- <b data-track="a"> --><p>track("b")</p>', []),
    ],
)
def test_calls_in_html(text: str, events: list[str]) -> None:
    assert found("a.html", text) == events
    assert found("a.vue", text) == events


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ('client.track("project.created", user_id="42")', ["project.created"]),
        ('analytics.track(user_id=1, event="a")', ["a"]),
        ('analytics.track({"event": "a"})', ["a"]),
        ('track("a" "b")', ["ab"]),
        ('track(f"a")', ["a"]),
        ('track(r"a")', ["a"]),
        ('track("a" if paid else "b")', ["a", "b"]),
        ('track(f"a_{kind}")', ['<f"a_{kind}">']),
        ("track(name)", ["<name>"]),
        ("track(*rest)", ["<*rest>"]),
        ("track(**rest)", ["<**rest>"]),
        ('"""track("a")"""  # track("b")\ndef track(event): ...', []),
        ("track()", []),
    ],
)
def test_calls_in_python(text: str, events: list[str]) -> None:
    assert found("a.py", text) == events


@pytest.mark.parametrize(
    ("name", "text", "line", "column"),
    [
        ("a.ts", 'const é = "ü"; track("a")', 1, 16),
        ("a.ts", '\n\n  track("a")', 3, 3),
        ("a.html", '<p>é</p>\n  <b data-track="a">', 2, 6),
        ("a.html", '<script>track("a")</script>', 1, 9),
        ("a.html", '<p>\n<script>\n  track("a")</script>', 3, 3),
        ("a.html", "<p>\n  <b onclick=\"go(); track('a')\">", 2, 6),
        ("a.py", 'x = 1\nif x:\n    client.track("a")', 3, 5),
    ],
)
def test_a_call_has_its_place(name: str, text: str, line: int, column: int) -> None:
    (call,) = calls(name, text)
    assert (call.file, call.line, call.column) == (name, line, column)


def test_files_of_other_languages_send_nothing() -> None:
    assert calls("a.md", 'track("a")') == []
    assert calls("Makefile", 'track("a")') == []


def test_depth_is_no_danger() -> None:
    deep = 20_000
    assert found("a.ts", "(" * deep + 'track("a")' + ")" * deep) == ["a"]
    assert found("a.ts", 'track(x ? "a" : ' * 1 + "x ? y : " * 2_000 + '"b")')[:1] == ["a"]


# ── beside a plan ────────────────────────────────────────────────────────────────────────────────────────────

PLAN = bundle(
    "plan: 1\nowner: team\nevents:\n"
    "  add_to_cart: {aliases: [addToCart]}\n"
    "  purchase: {}\n"
    "  VideoPlayer.play: {convention: component_action}\n"
    "  component_interaction: {kind: auto}\n"
    "  later_on: {status: draft}\n"
    "  long_gone: {status: deprecated}\n"
)


def beside(text: str) -> tuple[set[str], set[tuple[str, str]], list[str]]:
    """What is covered, what is not planned with what may have been meant, and what nobody knows."""
    told = coverage(PLAN, calls("a.ts", text))
    return (
        set(told.covered),
        {(one.event, one.suggestion) for one in told.unplanned},
        [one.said for one in told.dynamic],
    )


@pytest.mark.parametrize(
    ("text", "covered", "unplanned", "dynamic"),
    [
        ('track("add_to_cart")', {"add_to_cart"}, set(), []),
        ('track("addToCart")', {"add_to_cart"}, set(), []),
        ('track("add_to_crt")', set(), {("add_to_crt", "add_to_cart")}, []),
        ('track("something else")', set(), {("something else", "")}, []),
        ("track(EventName.ADD_TO_CART)", {"add_to_cart"}, set(), []),
        ("track(events.EventName.AddToCart)", {"add_to_cart"}, set(), []),
        ("track(EventName.NOTHING)", set(), set(), ["EventName.NOTHING"]),
        ("track(name)", set(), set(), ["name"]),
        ('trackInteraction("VideoPlayer", "play")', {"VideoPlayer.play"}, set(), []),
        ('trackInteraction("VideoPlayer", "stop")', {"component_interaction"}, set(), []),
        ('track("page_view"); track("$identify"); trackComponentVisit("A")', set(), set(), []),
    ],
)
def test_a_plan_beside_calls(text: str, covered: set[str], unplanned: set[tuple[str, str]], dynamic: list[str]) -> None:
    assert beside(text) == (covered, unplanned, dynamic)


def test_what_nobody_sends_is_told_but_for_what_nobody_has_to() -> None:
    told = coverage(PLAN, calls("a.ts", 'track("purchase"); track("long_gone")'))
    assert told.sent == ["purchase"]
    assert told.never_sent == ["VideoPlayer.play", "add_to_cart"]
    assert told.deprecated == [Call(event="long_gone", file="a.ts", line=1, column=20, how="call")]
