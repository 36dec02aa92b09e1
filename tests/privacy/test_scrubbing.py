"""What is found, what becomes of it, and that nothing else changes (`governance.md`; `product.md`, F17, F18)."""

import json
import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.privacy import Action, Blocked, Care, Policy, Scanner, in_care
from footfall.privacy.rules import _KEY, ACTIONS, KEY_HINT, RULES, is_secret_key
from tests.support.effort import examples

KEY = b"k" * 32
POLICY = Policy(key=KEY)
FAST, PLAIN = Scanner(), Scanner(linear=False)
BOTH = pytest.mark.parametrize("scanner", [FAST, PLAIN], ids=["re2", "re"])
CARD = "4242424242424242"
MAIL = "anna@example.com"
AWS = "AK" + "IAIOSFODNN7EXAMPLE"
SIGNED = "ey" + "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
SECRETS = [AWS, SIGNED, "gh" + "p_" + "a1B2" * 9, "sk" + "_live_" + "x9Y8" * 6]


def scrubbed(properties: object, policy: Policy = POLICY, scanner: Scanner = FAST) -> Any:
    return json.loads(scanner.scrub("a", {}, json.dumps(properties), policy).properties)


# ── what the design says ─────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
@pytest.mark.parametrize(
    "value",
    [
        1764182659123,  # milliseconds since 1970: one in ten passes Luhn
        "SKU-10441-B",
        "0f9d2c1e-5b7a-4c3d-9e8f-1a2b3c4d5e6f",
        "please select a plan from the list",
        "Delete from cart",
        "Chrome/126.0.0.0",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    ],
)
def test_harmless_values_stay(scanner: Scanner, value: object) -> None:
    sent = json.dumps({"value": value})
    left = scanner.scrub("a", {}, sent, POLICY)
    assert (left.properties, dict(left.found)) == (sent, {})


@BOTH
@pytest.mark.parametrize(
    ("sent", "kept", "rule"),
    [
        (CARD, "[card:4242]", "card"),
        ("4242 4242-4242 4242", "[card:4242]", "card"),
        ("call +44 20 7946 0958 now", "call [phone] now", "phone"),
        ("from 203.0.113.77", "from 203.0.113.0", "ip"),
        ("2001:db8:85a3::8a2e:370:7334", "2001:db8:85a3::", "ip"),
        ("SELECT * FROM users", "[sql]", "sql"),
        ("GB82 WEST 1234 5698 7654 32", "[iban]", "iban"),
        (f"key {AWS}", "key [token]", "token"),
        (SIGNED, "[jwt]", "jwt"),
        ("postgres://app:" + "hunter2@db.example/x", "postgres://[url_password]@db.example/x", "url_password"),
        ("https://a.example/?token=" + "abc123&page=2", "https://a.example/?token=[url_secret]&page=2", "url_secret"),
        ("Authorization: Bearer " + "abcdef0123456789xyz", "Authorization: Bearer [authorization]", "authorization"),
    ],
)
def test_the_rest_of_a_text_stays(scanner: Scanner, sent: object, kept: str, rule: str) -> None:
    left = scanner.scrub("a", {}, json.dumps({"value": sent}), POLICY)
    assert (json.loads(left.properties), dict(left.found)) == ({"value": kept}, {"$.properties.value": rule})


def test_an_address_is_the_same_hash_in_large_letters_and_with_a_percent_sign() -> None:
    first, second = scrubbed({"a": MAIL, "b": MAIL.upper()}).values()
    assert first == second
    assert re.fullmatch(r"\[email:[0-9a-f]{16}\]", first)
    assert scrubbed({"a": MAIL}, Policy(key=b"x" * 32))["a"] != first
    assert scrubbed({"a": MAIL}, Policy(key=KEY, key_version="h2:"))["a"] == first.replace("[email:", "[email:h2:")
    assert scrubbed({"a": "anna%40example.com"})["a"].startswith("[email:")


def test_without_a_key_nothing_is_hashed() -> None:
    """A hash without a key is found out by trying."""
    assert scrubbed({"a": MAIL}, Policy()) == {"a": "[email]"}


@pytest.mark.parametrize(
    "key", ["password", "newPassword", "X-CSRF-Token", "apiKey", "session_token", "passCode", "OTP"]
)
def test_what_a_secret_name_holds_goes_with_it(key: str) -> None:
    left = FAST.scrub("a", {}, json.dumps({"form": [{key: "hunter2", "n": 1}]}), POLICY)
    assert (left.properties, dict(left.found)) == ('{"form":[{"n":1}]}', {f"$.properties.form.0.{key}": "secret_key"})


@pytest.mark.parametrize(
    "properties",
    [
        {"has_password": True},
        {"password": True},
        {"token_count": 5},
        {"tokens": 512},
        {"next_page_token": "x"},
        {"otp": ""},
    ],
)
def test_what_only_tells_of_a_secret_stays(properties: dict[str, object]) -> None:
    assert scrubbed(properties) == properties


def test_keys_names_and_titles_are_looked_at_too() -> None:
    left = FAST.scrub(f"{MAIL} came", {"event": f"{MAIL} came", "title": f"Mail to {MAIL}"}, f'{{"{MAIL}":1}}', POLICY)
    assert MAIL not in repr(left)
    assert {path.partition(".[")[0] for path in left.found} == {"$.event", "$.title", "$.properties.*"}


def test_who_it_was_stays_who_it_was_and_is_no_secret() -> None:
    """An address as an id would become another person (R23); a key that stands there has no business to."""
    left = FAST.scrub("a", {"user_id": MAIL}, "{}", POLICY)
    assert dict(left.fields) == {}
    assert FAST.scrub("a", {"user_id": AWS}, "{}", POLICY).fields == {"user_id": "[token]"}


# ── what is changed by those who know better ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("action", "kept"),
    [
        ("allow", {"a": CARD, "b": 1}),
        ("remove", {"b": 1}),
        ("redact", {"a": "[card]", "b": 1}),
        ("mask", {"a": "[card:4242]", "b": 1}),
        ("hash", {"a": f"[card:{POLICY.hashed(CARD)}]", "b": 1}),
        ("truncate", {"a": "[card]", "b": 1}),
    ],
)
def test_a_rule_has_the_action_that_is_asked_for(action: Action, kept: object) -> None:
    assert scrubbed({"a": CARD, "b": 1}, Policy(actions={"card": action}, key=KEY)) == kept


EXAMPLES: dict[str, dict[str, str]] = {
    "secret_key": {"password": "hunter2"},
    "long_text": {"a": "word " * 300},
    "direct": {"a": "Anna"},
    "email": {"a": MAIL},
    "private_key": {"a": "-----BEGIN PRI" + "VATE KEY-----"},
    "jwt": {"a": SIGNED},
    "token": {"a": AWS},
    "card": {"a": CARD},
    "authorization": {"a": "Bearer " + "abcdef0123456789xyz"},
    "url_password": {"a": "http://u:" + "pw99@h.example"},
    "url_secret": {"a": "/?token=" + "abc"},
    "phone": {"a": "+442079460018"},
    "ip": {"a": "203.0.113.7"},
    "us_ssn": {"a": "123-45-6788"},
    "cn_id": {"a": "11010519491231002X"},
    "iban": {"a": "GB82WEST12345698765432"},
    "br_cpf": {"a": "529.982.247-25"},
    "it_codice_fiscale": {"a": "RSSMRA85T10A562S"},
    "sql": {"a": "SELECT * FROM t"},
}


@pytest.mark.parametrize("rule", sorted(ACTIONS))
def test_every_rule_can_block_an_event_and_says_only_which_and_where(rule: str) -> None:
    policy = Policy(actions={rule: "block"}, care={"e": {"a": Care("direct")}} if rule == "direct" else {}, key=KEY)
    [(key, value)] = EXAMPLES[rule].items()
    with pytest.raises(Blocked) as blocked:
        FAST.scrub("e", {}, json.dumps(EXAMPLES[rule]), policy)
    assert (blocked.value.rule, blocked.value.path) == (rule, f"$.properties.{key}")
    assert value not in str(blocked.value)


def test_the_plan_says_what_is_in_a_property() -> None:
    care = {"a": {"order": Care("none"), "name": Care("direct"), "mail": Care("possible", "remove")}}
    policy = Policy(care=care, key=KEY)
    sent = {"order": CARD, "name": "Anna", "mail": MAIL, "other": CARD}
    assert scrubbed(sent, policy) == {
        "order": CARD,
        "name": f"[direct:{POLICY.hashed('Anna')}]",
        "other": "[card:4242]",
    }
    assert scrubbed({"order": AWS}, policy) == {"order": "[token]"}  # secrets are nobody's data, and go all the same
    assert in_care(policy, "a", "{}")
    assert not in_care(policy, "b", "{}")


def test_a_long_text_is_cut_after_it_was_read() -> None:
    left = scrubbed({"a": "x " * 505 + MAIL + " y" * 500})["a"]
    assert len(left) == 1024
    assert "anna" not in left


# ── nothing else changes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_numbers_keep_their_spelling_and_members_their_order() -> None:
    sent = f'{{"z":1.50,"a":1e5,"big":123456789012345678901234567890,"m":"{MAIL}","é":"\\ud800","t":true,"n":null}}'
    left = FAST.scrub("a", {}, sent, POLICY).properties
    assert left == sent.replace(MAIL, f"[email:{POLICY.hashed(MAIL)}]")


def test_of_a_name_that_stands_twice_the_last_stays() -> None:
    assert FAST.scrub("a", {}, f'{{"a":1,"a":2,"m":"{MAIL}"}}', Policy()).properties == '{"a":2,"m":"[email]"}'


CLEAN = st.recursive(
    st.none() | st.booleans() | st.integers(-9999, 9999) | st.text("abc äé中\\/\n\"'", max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcxyz", max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcxyz", max_size=4), CLEAN, max_size=4), st.booleans(), st.integers(0, 3))
@examples(200)
def test_what_is_clean_stays_letter_for_letter(value: dict[str, Any], ascii_only: bool, indent: int) -> None:
    sent = json.dumps(value, ensure_ascii=ascii_only, indent=indent or None)
    left = FAST.scrub("a", {}, sent, POLICY)
    assert (left.properties, dict(left.found)) == (sent, {})


def placed(value: Any, secret: str, way: list[int]) -> Any:
    """The secret somewhere inside: in a list, under a name, in the middle of a text."""
    for step in way:
        value = ([value, secret], {"k": secret, "rest": value}, [{"deep": [f"see:\n{secret}"]}, value])[step]
    return value


@BOTH
@given(
    value=CLEAN, secret=st.sampled_from([*SECRETS, CARD, MAIL]), way=st.lists(st.integers(0, 2), min_size=1, max_size=8)
)
@examples(200)
def test_a_secret_is_found_at_any_depth_and_is_nowhere_afterwards(
    scanner: Scanner, value: Any, secret: str, way: list[int]
) -> None:
    for ascii_only in (True, False):
        sent = json.dumps({"a": placed(value, secret, way)}, ensure_ascii=ascii_only)
        assert scanner.suspects(["{}", sent, "{}"]) == [1]
        left = scanner.scrub("a", {}, sent, POLICY)
        assert secret not in repr(left)
        again = scanner.scrub("a", {}, left.properties, POLICY)
        assert (again.properties, dict(again.found)) == (left.properties, {})


@given(secret=st.sampled_from([*SECRETS, MAIL, "SELECT id\nFROM users\nWHERE id = 3", "http://u:" + "pw12@h.example/"]))
@pytest.mark.parametrize("before", ["\n", "\t", "\r\n", "密钥", '"', "\\", "/", "😀", "\x01", ""])
@examples(30)
def test_no_way_of_escaping_hides_anything_from_the_first_pass(before: str, secret: str) -> None:
    """As PHP, Python and Java write JSON: `\\/`, every letter that is not ASCII, and every sign that may be."""
    plain = json.dumps({"a": before + secret}, ensure_ascii=False)
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in secret)
    for sent in (
        plain,
        plain.replace("/", "\\/"),
        json.dumps({"a": before + secret}),
        '{"a":' + json.dumps(before)[:-1] + escaped + '"}',
    ):
        for scanner in (FAST, PLAIN):
            assert scanner.suspects([sent]) == [0], sent


@BOTH
def test_half_a_surrogate_pair_hides_nothing_and_stops_nothing(scanner: Scanner) -> None:
    sent = f'{{"a":"\\ud800 {MAIL}","b":"\\ud83d\\ude00"}}'
    left = scanner.scrub("a", {"title": f"\ud800{AWS}"}, sent, Policy())
    assert left.properties == '{"a":"\\ud800 [email]","b":"😀"}'
    assert left.fields == {"title": "\ud800[token]"}


CORES = (
    "password", "passwd", "passphrase", "passcode", "pwd", "secret", "credentials", "token", "api_key", "private_key",
    "access_key", "secret_key", "signing_key", "encryption_key", "passwort", "kennwort", "contrasena", "mot_de_passe",
    "senha", "authorization", "authorisation", "auth_header", "cookie", "csrf", "xsrf", "cvv", "cvc2", "ssn", "otp",
)  # fmt: skip
TAILS = st.lists(st.sampled_from(["hash", "confirmation", "new", "old", "1", "2", "value"]), max_size=3)
STYLES = {
    "snake": "_".join,
    "kebab": "-".join,
    "dots": ".".join,
    "words": " ".join,
    "LARGE": lambda words: "_".join(words).upper(),
    "camel": lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
}


@given(st.sampled_from(CORES), st.sampled_from(["", "user", "x", "my_own"]), TAILS, st.sampled_from(sorted(STYLES)))
@examples(500)
def test_the_first_pass_stops_at_every_name_of_a_secret(core: str, head: str, tail: list[str], style: str) -> None:
    key = STYLES[style]([*filter(None, head.split("_")), *core.split("_"), *tail])
    assert is_secret_key(key)
    assert re.search(KEY_HINT, json.dumps({key: 1})), key


@given(st.from_regex(_KEY, fullmatch=True), st.sampled_from(["", "a_", "$"]), st.sampled_from(["", "!", " "]))
@examples(1000)
def test_the_first_pass_stops_at_whatever_is_called_a_secret(name: str, before: str, after: str) -> None:
    for key in (name, f"{before}{name}{after}", f"{before}{name}{after}".title(), name.replace("_", "-").upper()):
        if is_secret_key(key):
            assert FAST.suspects([json.dumps({key: "x"})]) == [0], key
            assert PLAIN.suspects([json.dumps({key: "x"})]) == [0], key


# ── JSON as it comes ─────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = st.text(max_size=6) | st.sampled_from(["password", "token", MAIL, "user_id", "version", "a.b", "*"])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.sampled_from([MAIL, CARD, int(CARD), AWS, "\ud800", "[email]", '{"password":"x"}', "1.2.3.4", "select 1"])
)  # fmt: skip
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)
POLICIES = st.builds(
    Policy,
    actions=st.dictionaries(
        st.sampled_from(sorted(ACTIONS)), st.sampled_from(["allow", "remove", "redact", "mask", "hash", "truncate"])
    ),
    care=st.dictionaries(
        st.just("e"),
        st.dictionaries(
            NAMES, st.builds(Care, st.sampled_from(["none", "possible", "direct"]), st.sampled_from([None, "mask"]))
        ),
    ),
    key=st.sampled_from([b"", KEY]),
)


@given(st.dictionaries(NAMES, ANY, max_size=4), st.text(), POLICIES, st.booleans())
@examples(300)
def test_any_json_is_looked_through_once_and_alike_by_both_engines(
    value: dict[str, Any], title: str, policy: Policy, ascii_only: bool
) -> None:
    sent = json.dumps(value, ensure_ascii=ascii_only)
    left, other = (one.scrub("e", {"title": title}, sent, policy) for one in (FAST, PLAIN))
    assert left == other
    json.loads(left.properties)
    again = FAST.scrub("e", {"title": left.fields.get("title", title)}, left.properties, policy)
    assert (again.properties, dict(again.fields)) == (left.properties, {})


PIECES = st.sampled_from([
    *EXAMPLES, *(value for one in EXAMPLES.values() for value in one.values() if len(value) < 100), MAIL, "2001:db8::1",
    "@", "%40", "bearer ", "basic ", "?token=", "&code=", "[", "]", ":", " ", '"password":', '"', "'", "\\", "select ",
    " from ", "where x=1", "; ", "é", "\n", "\t", "\x00", "_", "-", ".", "/", "a", "7", "{", "}", ",", "[email]",
    "[card:4242]", "4242-4242 ", "\ud800", "\uff21", "İ", "\u017f", "\u212a", "\u2028", "\x85", "\xa0", "\x1c",
    "version ",
])  # fmt: skip
"""What rules are made of, and letters that engines differ about: a long s, the sign of Kelvin, white space."""
GLUED = st.lists(PIECES, max_size=8).map("".join)


@given(GLUED, GLUED, POLICIES, st.booleans())
@examples(300)
def test_pieces_glued_together_are_taken_alike_by_both_engines_and_once(
    key: str, text: str, policy: Policy, ascii_only: bool
) -> None:
    sent = json.dumps({key: text, "n": [text]}, ensure_ascii=ascii_only)
    assert FAST.suspects([sent]) == PLAIN.suspects([sent])
    assert FAST.scrub_text(sent[:-1], policy) == PLAIN.scrub_text(sent[:-1], policy)
    left = FAST.scrub("e", {"title": text}, sent, policy)
    assert left == PLAIN.scrub("e", {"title": text}, sent, policy)
    again = FAST.scrub("e", {"title": left.fields.get("title", text)}, left.properties, policy)
    assert (again.properties, dict(again.fields)) == (left.properties, {})


@BOTH
def test_a_secret_that_may_stay_may_still_be_an_address(scanner: Scanner) -> None:
    policy = Policy(actions={"secret_key": "allow"})
    assert scrubbed({"password": "hunter2", "token": MAIL}, policy, scanner) == {
        "password": "hunter2",
        "token": "[email]",
    }


@BOTH
def test_what_stood_behind_something_is_found_once_that_is_gone(scanner: Scanner) -> None:
    assert scrubbed({"a": f"{MAIL}{CARD}"}, Policy(), scanner) == {"a": "[email][card:4242]"}


@BOTH
def test_of_names_that_stand_twice_both_are_looked_at(scanner: Scanner) -> None:
    for first, second in ((MAIL, "x"), ("x", MAIL)):
        sent = f'{{"a":"{first}","a":"{second}"}}'
        assert scanner.suspects([sent]) == [0]
        assert MAIL not in scanner.scrub("e", {}, sent, POLICY).properties


@BOTH
@pytest.mark.parametrize("number", [CARD, "110105199001010002", "-" + CARD, CARD + ".0", "1764182659123"])
def test_numbers_of_thirteen_digits_are_looked_at_and_fractions_are_not(scanner: Scanner, number: str) -> None:
    sent = f'{{"a":{number}}}'
    kept = {CARD: '{"a":"[card:4242]"}', "110105199001010002": '{"a":"[cn_id]"}'}
    assert scanner.scrub("e", {}, sent, POLICY).properties == kept.get(number, sent)


@BOTH
def test_what_is_too_deep_to_be_looked_through_is_not_kept(scanner: Scanner) -> None:
    """No server takes it; an application that asks may have it."""
    sent = '{"a":' * 5000 + f'"{MAIL}"' + "}" * 5000
    left = scanner.scrub("e", {"title": "t"}, sent, POLICY)
    assert (left.properties, dict(left.found)) == ("{}", {"$.properties": "too_deep"})


@BOTH
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('answer: {"password": "hunter2", "n": 1}', 'answer: {"password": "[secret_key]", "n": 1}'),
        ('{"user":{"apiKey":"abc","mail":"anna@example.com"', '{"user":{"apiKey":"[secret_key]","mail":"[email]"'),
        ('{"token": 512, "otp": 123456}', '{"token": 512, "otp": "[secret_key]"}'),
        ('{"has_password": true, "password": null}', '{"has_password": true, "password": null}'),
    ],
)
def test_json_inside_of_a_text_hides_no_secret_behind_its_name(scanner: Scanner, sent: str, kept: str) -> None:
    whole = json.dumps({"message": sent})
    assert scanner.suspects([whole]) == [0]
    assert scrubbed({"message": sent}, Policy(), scanner) == {"message": kept}


@pytest.mark.parametrize("action", ["allow", "block", "mask"])
def test_a_secret_inside_of_a_text_has_the_action_of_its_rule(action: Action) -> None:
    policy = Policy(actions={"secret_key": action})
    sent = {"a": '{"password":"correct horse"}'}
    if action == "block":
        with pytest.raises(Blocked, match=r"^secret_key at \$\.properties\.a$"):
            scrubbed(sent, policy)
    else:
        assert scrubbed(sent, policy) == {"a": sent["a"] if action == "allow" else '{"password":"[secret_key:orse]"}'}


def test_what_looks_like_our_own_mark_is_no_way_around() -> None:
    assert scrubbed({"password": "[hunter2]", "n": 1}) == {"n": 1}
    assert scrubbed({"password": "[secret_key]", "n": 1}) == {"password": "[secret_key]", "n": 1}


def test_what_nothing_was_done_for_is_not_told() -> None:
    left = FAST.scrub("e", {}, '{"a":"from 203.0.113.0"}', POLICY)
    assert (left.properties, dict(left.found)) == ('{"a":"from 203.0.113.0"}', {})


@pytest.mark.parametrize(
    ("on_pii", "kept"),
    [
        (None, {"a": f"[direct:{POLICY.hashed('Anna')}]", "b": [f"[direct:{POLICY.hashed('7')}]"]}),
        ("redact", {"a": "[direct]", "b": ["[direct]"], "c": {"d": "[direct]"}}),
        ("mask", {"a": "[direct]", "b": ["[direct]"], "c": {"d": "[direct]"}}),
        ("remove", {"b": [], "c": {}}),
        ("allow", {"a": "Anna", "b": [7], "c": {"d": True}}),
    ],
)
def test_what_tells_who_somebody_is_goes_whatever_its_type(on_pii: Action | None, kept: dict[str, Any]) -> None:
    policy = Policy(care={"e": {name: Care("direct", on_pii) for name in "abc"}}, key=KEY)
    sent = json.dumps({"a": "Anna", "b": [7], "c": {"d": True}, "empty": ""})
    left = json.loads(FAST.scrub("e", {}, sent, policy).properties)
    assert left | kept == left
    assert left["empty"] == ""
    assert ("a" in left) == (on_pii != "remove")


def test_names_that_changed_are_told_and_shown_to_nobody() -> None:
    left = FAST.scrub("e", {}, f'{{"{MAIL}":{{"x {MAIL}":1}}}}', Policy())
    assert dict(left.names) == {MAIL: "[email]", f"x {MAIL}": "x [email]"}
    assert MAIL not in repr(left)


@BOTH
@pytest.mark.parametrize("length", [1024, 1025])
@pytest.mark.parametrize("letter", ["a", "é", '"', "\\"])
def test_a_long_text_is_found_however_it_is_written(scanner: Scanner, length: int, letter: str) -> None:
    short = {f"n{place}": "x" * 20 for place in range(200)}
    for ascii_only in (True, False):
        sent = json.dumps(short | {"long": letter * length} | short, ensure_ascii=ascii_only)
        left = json.loads(scanner.scrub("e", {}, sent, POLICY).properties)
        assert len(left["long"]) == 1024
        assert in_care(POLICY, "e", sent) or length == 1024
    assert not in_care(POLICY, "e", json.dumps(short))


# ── texts that are no events ─────────────────────────────────────────────────────────────────────────────────────────


@BOTH
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('{"password": "hunter2", "n": 1', '{"password": "[secret_key]", "n": 1'),
        ('{"apiKey":"abc","mail":"anna@example.com"', '{"apiKey":"[secret_key]","mail":"[email]"'),
        ('{"password": "never end', '{"password": "[secret_key]"'),
        ('{"otp":123456,}', '{"otp":"[secret_key]",}'),
        ('{"has_password":true,}', '{"has_password":true,}'),
        (f"POST /collect 400 {MAIL}", "POST /collect 400 [email]"),
        ('{"a":"' + MAIL + '","n":1.50}', '{"a":"[email]","n":1.50}'),
        ('[1.50, {"a": "b"}]', '[1.50, {"a": "b"}]'),
        ("", ""),
    ],
)
def test_what_is_no_json_is_cleaned_where_it_stands(scanner: Scanner, sent: str, kept: str) -> None:
    assert scanner.scrub_text(sent, Policy()) == kept


@BOTH
@pytest.mark.parametrize("depth", [100, 900, 5000])
def test_a_text_that_is_too_deep_for_json_is_cleaned_all_the_same(scanner: Scanner, depth: int) -> None:
    assert MAIL not in scanner.scrub_text("[" * depth + f'"{MAIL}"' + "]" * depth, Policy())


@BOTH
@given(text=st.text() | st.text('{}[]",:\\ a@.1'))
@examples(200)
def test_any_text_can_be_looked_at(scanner: Scanner, text: str) -> None:
    once = scanner.scrub_text(text, Policy())
    assert scanner.scrub_text(once, Policy()) == once


# ── linear time ──────────────────────────────────────────────────────────────────────────────────────────────────────

_ENDLESS = re.compile(r"(?:\(\?:|\()[^()]*(?<!\\)[*+][^()]*\)[*+]|\)\{\d+,\}\)[*+]")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_repetition_without_end_is_repeated_without_end(rule: Any) -> None:
    """Python's engine tries every way to share a text among nested repetitions: twice as many with each letter."""
    assert _ENDLESS.search(re.sub(r"\[[^\]]*\]", "x", rule.pattern)) is None
    assert re.search(_ENDLESS, "(?:a+)+")


@BOTH
@pytest.mark.parametrize(
    "unit",
    ["a", "eyJ-", "a@", "select ", "http://", "1.2.3.", "+1", '"a" ', "\\", '"', "delete from ", "select a from b ",
     "1 ", "a.", f"{MAIL} ", f"{CARD} ", "-----BEGIN ", "DE89 ", "bearer ", "a:", "update a ", "4 "],
)  # fmt: skip
def test_a_text_of_64_kib_is_looked_through(scanner: Scanner, unit: str) -> None:
    """In the time of a test: what doubles its steps with every letter would not end."""
    text = (unit * (1 << 16))[: 1 << 16]
    scanner.suspects([text])
    assert len(scanner.scrub_text(text, Policy())) <= 2 * len(text)


@pytest.mark.parametrize(
    "units",
    [
        "0123456789abcdef",  # each letter may begin an address with a password in it
        "ghijklmnopqrstuvwxyzABCDEFGH0123456789",
        ["eyJ", "-", "sk-", "1", "xoxb-"],
        ["select ", "x", "insert into ", " "],
        ["password", "a", " ", "token", "_"],
        ["sk-", "SG.", "ghp_", "a", "B", "9", "."],
    ],
    ids=str,
)
def test_a_text_that_may_be_many_things_everywhere_is_looked_through(units: str | list[str]) -> None:
    """Four million letters take some 0.1 s. An expression that counts makes RE2 keep apart where each may have begun:
    such a text took 4 to 14 us a letter, so a minute and more here, and a server could be kept busy with it.
    """
    chance = random.Random(7)
    text = "".join(chance.choices(units, k=4_000_000))[:4_000_000]
    assert FAST.suspects([text, MAIL])[-1] == 1


@BOTH
def test_a_statement_is_found_behind_a_select_that_is_none(scanner: Scanner) -> None:
    far = "select " + "a word " * 200
    statement = "select id, name from users where id = 1"
    assert scrubbed({"a": f"{far}{statement}"[-1000:]}, scanner=scanner) == {"a": "[sql]"}
    assert scrubbed({"a": f"{far}from what there = is"[-1000:]}, scanner=scanner) != {"a": "[sql]"}
    assert scrubbed({"a": f"select {'a word ' * 100}from what there = is"}, scanner=scanner) != {"a": "[sql]"}
