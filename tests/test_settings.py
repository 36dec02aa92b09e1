"""Settings from the environment: what is half said or cannot be is refused, with the variable's name as the place."""

from ipaddress import ip_network

import msgspec
import pytest

from footfall.model.errors import BadRequest
from footfall.settings import OpenId, Settings, check_admin_key, clickhouse_urls, from_environment

ISSUER = {"FOOTFALL_OIDC_ISSUER": "https://id.example/"}
CLIENT = {"FOOTFALL_OIDC_CLIENT_ID": "us", "FOOTFALL_OIDC_CLIENT_SECRET": "secret"}


def test_nothing_is_believed_and_nobody_is_asked_by_default() -> None:
    settings = from_environment({})
    assert (settings.trusted_proxies, settings.openid, settings.database, settings.address_limit) == (
        (),
        None,
        None,
        None,
    )
    assert settings.on_loopback


def test_proxies_are_addresses_and_networks() -> None:
    settings = from_environment({"FOOTFALL_TRUSTED_PROXY": "127.0.0.1, 10.0.0.0/8,fd00::/8"})
    assert settings.trusted_proxies == tuple(map(ip_network, ("127.0.0.1/32", "10.0.0.0/8", "fd00::/8")))


@pytest.mark.parametrize("words", ["10.0.0.1/8", "everybody", "300.1.1.1", "127.0.0.1 10.0.0.1"])
def test_what_is_no_network_is_refused(words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        from_environment({"FOOTFALL_TRUSTED_PROXY": words})
    assert refused.value.path == "FOOTFALL_TRUSTED_PROXY"


@pytest.mark.parametrize(("name", "shown"), [("", "id.example"), ("Example", "Example")])
def test_a_provider_is_called_by_its_name_or_its_host(name: str, shown: str) -> None:
    settings = from_environment(ISSUER | CLIENT | {"FOOTFALL_OIDC_NAME": name})
    assert settings.openid == OpenId(issuer="https://id.example", client_id="us", client_secret="secret", name=shown)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        (CLIENT | {"FOOTFALL_OIDC_ISSUER": "http://id.example"}, "ISSUER"),
        (CLIENT | {"FOOTFALL_OIDC_ISSUER": "id.example"}, "ISSUER"),
        (ISSUER, "CLIENT_ID"),
        (ISSUER | {"FOOTFALL_OIDC_CLIENT_ID": "us"}, "CLIENT_SECRET"),
    ],
)
def test_half_a_provider_is_refused(environment: dict[str, str], named: str) -> None:
    with pytest.raises(BadRequest) as refused:
        from_environment(environment)
    assert refused.value.path == f"FOOTFALL_OIDC_{named}"


def test_an_operators_key_that_could_be_guessed_is_refused_beyond_loopback() -> None:
    short = Settings(admin_key="fifteen letters", host="0.0.0.0")  # noqa: S104 - compared with, not listened at
    with pytest.raises(BadRequest) as refused:
        check_admin_key(short)
    assert refused.value.path == "FOOTFALL_ADMIN_KEY"
    assert "fifteen" not in refused.value.detail
    check_admin_key(msgspec.structs.replace(short, host="127.0.0.1"))
    check_admin_key(msgspec.structs.replace(short, admin_key="sixteen letters!"))
    check_admin_key(msgspec.structs.replace(short, admin_key=None))


@pytest.mark.parametrize("path", ["site.js", "/site", "/assets/scheme.js", "/{path:path}.js", "/../site.js"])
def test_a_path_that_is_none_of_a_script_is_refused(path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        from_environment({"FOOTFALL_SCRIPT_PATH": path})
    assert refused.value.path == "FOOTFALL_SCRIPT_PATH"


def test_a_script_may_lie_anywhere() -> None:
    assert from_environment({"FOOTFALL_SCRIPT_PATH": "/assets/v2/site.min.js"}).script_path == "/assets/v2/site.min.js"


# ── a ClickHouse server ──────────────────────────────────────────────────────────────────────────────────────

REPLICAS = ("https://ada:p%2Css%3A@a.example:9443/shop?ca_cert=/etc/ca.pem", "http://b.example")


def test_replicas_are_named_with_commas_and_s1s_name_is_understood() -> None:
    assert from_environment({}).clickhouse == ()
    assert from_environment({"FOOTFALL_CLICKHOUSE": ", ".join(REPLICAS)}).clickhouse == REPLICAS
    assert from_environment({"CLICKHOUSE_URL": "http://localhost:8123"}).clickhouse == ("http://localhost:8123",)
    both = {"CLICKHOUSE_URL": "http://theirs", "FOOTFALL_CLICKHOUSE": "http://ours"}
    assert from_environment(both).clickhouse == ("http://ours",)
    assert clickhouse_urls(["chdb:///srv/warehouse"], "") == ("chdb:///srv/warehouse",)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("clickhouse://ada:canary@host/db", "begins with neither"),
        ("ada:canary@host:8123", "begins with neither"),
        ("http://ada:canary@", "no host"),
        ("http://ada:canary@host:port/db", "cannot be read"),
        ("http://ada:canary/x@host/db", "cannot be read"),
        ("http://[canary/db", "cannot be read"),
        ("http://ada:canary@host/db/table", "more than a database"),
        ("http://ada:canary@host/db#canary", "a # in it"),
        ("http://host/db?password=canary", "there are ca_cert, connect_timeout, send_receive_timeout"),
        ("http://host/db?connect_timeout=canary", "whole seconds"),
        ("chdb://canary", "absolute path"),
        ("chdb://", "absolute path"),
    ],
)
def test_what_is_no_url_of_a_server_is_refused_without_being_repeated(url: str, said: str) -> None:
    for name in ("FOOTFALL_CLICKHOUSE", "CLICKHOUSE_URL"):
        with pytest.raises(BadRequest, match=said) as refused:
            from_environment({name: url})
        assert refused.value.path == name
        assert "canary" not in refused.value.detail


def test_the_engine_inside_has_no_replicas() -> None:
    with pytest.raises(BadRequest, match="stands alone"):
        clickhouse_urls(["http://host", "chdb:///srv/warehouse"], "--clickhouse")
