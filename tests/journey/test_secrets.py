"""Secrets and addresses: canaries of every kind go through every door, and none comes out in a log or a file."""

import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing

import pyotp

from tests.journey.people import add, browser, enter, sign_in
from tests.journey.server import ADMIN_KEY, READ_KEY, WRITE_KEY, Server

PASSWORD = "canary-password-71"
ADDRESS = "203.0.113.77"


def command(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "footfall", *words],
        env=server.environment, cwd=server.folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_no_secret_and_no_address_comes_out_anywhere(new_server: Callable[..., Server]) -> None:
    server = new_server(
        FOOTFALL_TRUSTED_PROXY="127.0.0.1",
        FOOTFALL_ADDRESS_LIMIT="10000/minute",
        FOOTFALL_OIDC_ISSUER="http://127.0.0.1:1",
        FOOTFALL_OIDC_CLIENT_ID="footfall",
        FOOTFALL_OIDC_CLIENT_SECRET="canary-oidc-secret",
    ).start()
    secrets = {WRITE_KEY, READ_KEY, ADMIN_KEY, PASSWORD, ADDRESS, "canary-oidc-secret"}
    seen = {"x-forwarded-for": ADDRESS}

    for scope in ("write", "stats", "read", "admin"):
        made = server.create_key(scope)
        rotated = server.admin.post(f"/api/keys/{made['key']['id']}/rotate", json={"grace": "PT1H"}).json()
        secrets |= {made["value"], rotated["value"]}
        for key in (made["value"], rotated["value"]):
            server.client(key).get("/api/events", headers=seen)
            server.anybody.post("/api/events/collect", params={"key": key}, json={"event": "e"}, headers=seen)
    first = server.sign_in_link()
    added = add(server, "owner", email="canary-person@example.com")
    secrets |= {link.partition("token=")[2] for link in (added["link"]["link"],)}
    with closing(enter(server, added)) as client:
        client.post("/account/password", data={"new": PASSWORD}, headers=seen)
        secrets.add(client.cookies["footfall_session"])
        (secret,) = set(re.findall(r'value="([A-Z2-7]{32})"', client.get("/account/second-factor").text))
        code = pyotp.TOTP(secret).now()
        codes = client.post("/account/second-factor", data={"secret": secret, "code": code}).text
        recovery = set(re.findall(r"\b[0-9a-f]{5}-[0-9a-f]{5}\b", codes))
        assert len(recovery) == 10
        secrets |= recovery | {one.replace("-", "") for one in recovery}
    pending, _ = sign_in(server, "canary-person@example.com", PASSWORD)
    with closing(pending):
        secrets.add(pending.cookies["footfall_pending"])
        pending.post("/signin/code", data={"code": "canary-code"}, headers=seen)
    wrong, _ = sign_in(server, "canary-person@example.com", "canary-wrong-password")
    wrong.close()
    with closing(browser(server)) as client:
        client.get("/signin/openid", headers=seen)
        client.get("/signin/openid/callback?code=canary-code&state=canary-state", headers=seen)
        client.get("/signin?token=canary-token", headers=seen)
        client.post("/signin/link", data={"token": "canary-token"}, headers=seen)
    told = [
        command(server, *words)
        for words in (
            ("keys", "list", "--data", str(server.data)),
            ("users", "list", "--data", str(server.data)),
            ("keys", "list", "--url", server.url, "--key", "canary-wrong-key"),
            ("serve", "--database", "postgresql://ada:canary-db-password@127.0.0.1:1/x", "--data", "elsewhere"),
        )
    ]
    assert [done.returncode for done in told] == [0, 0, 1, 1], [done.stderr for done in told]
    assert server.stop() == 0

    said = "".join(done.stdout + done.stderr for done in told)
    log = server.log_text().replace(first, "")
    for secret_ in secrets:
        assert secret_ not in said
        assert secret_ not in log
    assert "canary" not in log
    assert "canary" not in said.replace("canary-person@example.com", ""), "an administrator may list people"
    assert "Traceback" not in log + said

    # What may be kept: the second factor's secret, which the server needs; nothing of the rest.
    files = {file: file.read_bytes() for file in server.folder.rglob("*") if file.is_file() and file != server.log}
    assert files
    for secret_ in secrets - {WRITE_KEY, READ_KEY, ADMIN_KEY}:
        held = [file.name for file, content in files.items() if secret_.encode() in content]
        assert held == [], secret_[:12]
