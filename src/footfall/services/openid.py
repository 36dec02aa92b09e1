"""Signing in by an OpenID provider: the authorization code flow with PKCE, state and nonce (OpenID Connect Core, 3.1).

Authlib has the protocol's rules, httpx asks. What the provider says is believed after its signature, issuer,
audience, time and nonce were checked; an e-mail address only where the provider says that it verified it.
"""

import base64
import binascii
import hmac
import secrets
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from footfall.model.errors import Unauthorized, Unavailable
from footfall.model.event import Millis
from footfall.settings import OpenId

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Signatures with a key of the provider's; none at all, or one with a shared secret, proves nothing."""
PATIENCE_S = 10.0
LEEWAY_S = 60
OPEN_MS = 10 * 60 * 1000
"""How long somebody may take at the provider."""
STEP_RATE = "100/15 minute"
"""Steps of one address: each may make us ask the provider."""
KNOWN_MS = 10 * 60 * 1000
"""How long what the provider says of itself is kept."""


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom the provider knows."""

    subject: str
    """Issuer and subject: an address may change hands, this does not."""
    email: str | None
    """A verified one, in ASCII: of others, letters that look alike become the same when they are made small."""


class _Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in under way. The browser keeps it, so nobody's can push out another's (ADR 0037)."""

    state: str
    nonce: str
    verifier: str
    until: Millis


class Provider:
    """One provider."""

    def __init__(self, setup: OpenId) -> None:
        self._setup = setup
        self._known: tuple[dict[str, Any], Millis] = ({}, 0)

    async def begin(self, redirect_uri: str, now: Millis) -> tuple[str, str]:
        """Where to send the browser, and what it must keep for `finish`. Raises `Unavailable`."""
        async with self._client() as client:
            metadata = await self._metadata(client, now)
        begun = _Begun(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            until=now + OPEN_MS,
        )
        address = prepare_grant_uri(
            metadata["authorization_endpoint"],
            client_id=self._setup.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope="openid email profile",
            state=begun.state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
        return address, base64.urlsafe_b64encode(msgspec.json.encode(begun)).decode().rstrip("=")

    async def finish(self, kept: str, state: str, code: str, redirect_uri: str, now: Millis) -> Vouched:
        """Trade the code for who it is. Raises `Unauthorized`, `Unavailable`."""
        begun = _begun(kept)
        if begun is None or not code or not hmac.compare_digest(begun.state.encode(), state.encode("utf-8", "replace")):
            raise Unauthorized("The sign-in was not finished; begin anew.")
        if begun.until <= now:
            raise Unauthorized("That took too long; begin anew.")
        async with self._client() as client:
            metadata = await self._metadata(client, now)
            token = await self._token(client, metadata, code, redirect_uri, begun)
            keys = await _ask(client, metadata["jwks_uri"])
            claims = self._checked(token, keys, begun, now)
            if "email" not in claims and "userinfo_endpoint" in metadata and isinstance(token.get("access_token"), str):
                bearer = {"authorization": f"Bearer {token['access_token']}"}
                info = await _ask(client, metadata["userinfo_endpoint"], headers=bearer)
                # Core, 5.3.2: an answer about somebody else must not be used.
                claims |= info if info.get("sub") == claims["sub"] else {}
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Vouched(
            subject=f"{self._setup.issuer} {claims['sub']}",
            email=email if isinstance(email, str) and email.isascii() else None,
        )

    async def _metadata(self, client: httpx.AsyncClient, now: Millis) -> dict[str, Any]:
        known, until = self._known
        if now < until:
            return known
        metadata = await _ask(client, f"{self._setup.issuer}/.well-known/openid-configuration")
        # Discovery, 4.3: who answers must be who was asked.
        if str(metadata.get("issuer")).rstrip("/") != self._setup.issuer:
            raise Unavailable("The OpenID provider calls itself by another name than FOOTFALL_OIDC_ISSUER.")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if not all(isinstance(metadata.get(name), str) for name in wanted):
            raise Unavailable("The OpenID provider does not say where its endpoints are.")
        self._known = metadata, now + KNOWN_MS
        return metadata

    async def _token(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], code: str, redirect_uri: str, begun: _Begun
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": begun.verifier,
        }
        arguments: dict[str, Any] = {}
        client_id, secret = self._setup.client_id, self._setup.client_secret
        if "client_secret_basic" in metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            # RFC 6749, 2.3.1: both are encoded as in a form before they become user name and password.
            arguments["auth"] = (quote(client_id, safe=""), quote(secret, safe=""))
        else:
            form |= {"client_id": client_id, "client_secret": secret}
        try:
            answer = await client.post(metadata["token_endpoint"], data=form, **arguments)
            token = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _silent(error) from None
        if answer.is_error or not isinstance(token, dict) or not isinstance(token.get("id_token"), str):
            raise Unauthorized("The OpenID provider did not accept the sign-in; begin anew.")
        return token

    def _checked(self, token: dict[str, Any], keys: Any, begun: _Begun, now: Millis) -> dict[str, Any]:
        try:
            signed = jwt.decode(
                token["id_token"], KeySet.import_key_set(keys), registry=JWSRegistry(algorithms=ALGORITHMS)
            )
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                {
                    "iss": {"essential": True, "values": [self._setup.issuer, f"{self._setup.issuer}/"]},
                    "aud": {"essential": True, "value": self._setup.client_id},
                },
                {
                    "nonce": begun.nonce,
                    "client_id": self._setup.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=now // 1000, leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError):
            raise Unauthorized("What the OpenID provider said could not be verified.") from None
        return dict(claims)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=PATIENCE_S, follow_redirects=False)


def _begun(kept: str) -> _Begun | None:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)), type=_Begun)
    except (binascii.Error, ValueError):  # msgspec's errors are ValueErrors
        return None


async def _ask(client: httpx.AsyncClient, address: str, **arguments: Any) -> dict[str, Any]:
    try:
        answer = await client.get(address, **arguments)
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _silent(error) from None
    if not isinstance(found, dict):
        raise Unavailable("The OpenID provider answers something that is no object.")
    return found


def _silent(error: Exception) -> Unavailable:
    return Unavailable(f"The OpenID provider does not answer ({type(error).__name__}).")
