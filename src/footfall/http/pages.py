"""The pages on which people sign in and look after their account.

Forms work without a script. What a form sends is taken only from a page of ours (`check_same_site`), whether
somebody is signed in or not: nobody is signed in as somebody else by a stranger's page.
"""

import asyncio
from importlib import resources
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import jinja2
import msgspec
import segno
from litestar import Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.response import Redirect
from markupsafe import Markup

from footfall.access import DEFAULT_PROJECT
from footfall.http.auth import SESSION_COOKIE, check_same_site, cookie_name, session_of
from footfall.http.problems import retry_of, status_of
from footfall.http.services import base_of, in_turn, services_of
from footfall.model.errors import (
    BadRequest,
    Conflict,
    FootfallError,
    NotFound,
    TooMany,
    Unauthorized,
    Unavailable,
)
from footfall.services.accounts import WAIT, CodeWanted, SignedIn
from footfall.services.openid import OPEN_MS, STEP_RATE
from footfall.settings import clock
from footfall.stores.catalog import LIFE_MS, User

Req = Request[Any, Any, State]
PENDING_COOKIE = "footfall_pending"
DEVICE_COOKIE = "footfall_device"
STATE_COOKIE = "footfall_state"
_FOLDER = resources.files("footfall.http") / "pages"
_LARGEST_FORM = 16 * 1024
_MOST_FIELDS = 20
_NOBODY = Unauthorized("")
_DEAD_LINK = Unauthorized("That link was used before, or its time is over.")

_templates = jinja2.Environment(
    loader=jinja2.FunctionLoader(lambda name: (_FOLDER / name).read_text("utf-8")),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    auto_reload=False,
)
_HTML = "text/html"


def page(name: str, refusal: FootfallError | None = None, **words: Any) -> Response[str]:
    """A page of ours; whatever it says is escaped. A refusal gives it a sentence and a status."""
    failure, status, retry = (
        ("", 200, {}) if refusal is None else (refusal.detail, status_of(refusal), retry_of(refusal))
    )
    text = _templates.get_template(name).render({"failure": failure, "success": ""} | words)
    return Response(text, media_type=_HTML, status_code=status, headers={"cache-control": "no-store"} | retry)


def _file(name: str, media_type: str) -> Response[bytes]:
    return Response((_FOLDER / name).read_bytes(), media_type=media_type, headers={"cache-control": "no-cache"})


async def from_our_pages(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A guard of every form."""
    check_same_site(connection)


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """Every field that a form of ours has; what is missing is empty."""

    email: str = ""
    password: str = ""
    code: str = ""
    name: str = ""
    current: str = ""
    new: str = ""
    secret: str = ""
    token: str = ""


async def form_of(request: Req) -> Form:
    """Raises `BadRequest`.

    Read here, since the framework's own reader remembers the last 1024 forms, passwords and all.
    """
    try:
        body = (await request.body()).decode("ascii")
        sent = dict(parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise BadRequest("A form holds a few fields of text, URL-encoded.", path="$") from None
    return Form(**{name: sent.get(name, "") for name in Form.__struct_fields__})


@get("/page.css", include_in_schema=False)
async def style() -> Response[bytes]:
    return _file("page.css", "text/css")


# ── signing in ───────────────────────────────────────────────────────────────────────────────────────────────


@get("/signin", include_in_schema=False)
async def sign_in_form(request: Req, token: str = "") -> Response[Any]:
    """The form; with the token of a link, a button that spends it: what only previews the link does not (ADR 0036)."""
    services = services_of(request)
    if not token:
        return await sign_in_page(request)
    link = await in_turn(services, services.accounts.link, token, clock(services.settings))
    if link is None:
        return await sign_in_page(request, _DEAD_LINK)
    return page("link.html", token=token, invitation=link.purpose == "invitation")


@post("/signin/link", include_in_schema=False, guards=[from_our_pages], request_max_body_size=_LARGEST_FORM)
async def open_link(request: Req) -> Response[Any]:
    """Trade a link's token for a session, or an invitation for a role, once."""
    services = services_of(request)
    now = clock(services.settings)
    token = (await form_of(request)).token
    signed_in = await in_turn(services, services.accounts.open_link, token, now)
    if signed_in is not None:
        return let_in(request, signed_in)
    try:
        project = await in_turn(services, services.accounts.accept, token, await user_of(request), now)
    except Unauthorized as error:
        return await sign_in_page(request, error)
    if project is None:
        return await sign_in_page(request, _DEAD_LINK)
    return Redirect("/account", status_code=303, headers={"cache-control": "no-store"})


@post("/signin", include_in_schema=False, guards=[from_our_pages], request_max_body_size=_LARGEST_FORM)
async def sign_in(request: Req) -> Response[Any]:
    services = services_of(request)
    form = await form_of(request)
    try:
        result = await in_turn(
            services,
            services.accounts.sign_in,
            form.email,
            form.password,
            address_of(request),
            clock(services.settings),
            _brought(request, DEVICE_COOKIE),
        )
    except (Unauthorized, TooMany) as error:
        return await sign_in_page(request, error, email=form.email)
    if isinstance(result, CodeWanted):
        cookie = _cookie(request, PENDING_COOKIE, result.pending, LIFE_MS["second_factor"])
        return Redirect("/signin/code", status_code=303, cookies=[cookie], headers={"cache-control": "no-store"})
    return let_in(request, result)


@get("/signin/code", include_in_schema=False)
async def code_form() -> Response[str]:
    return page("code.html")


@post("/signin/code", include_in_schema=False, guards=[from_our_pages], request_max_body_size=_LARGEST_FORM)
async def send_code(request: Req) -> Response[Any]:
    services = services_of(request)
    form = await form_of(request)
    pending, device = _brought(request, PENDING_COOKIE), _brought(request, DEVICE_COOKIE)
    try:
        signed_in = await in_turn(
            services, services.accounts.finish_sign_in, pending, form.code, clock(services.settings), device
        )
    except (Unauthorized, TooMany) as error:
        return page("code.html", error)
    return let_in(request, signed_in)


@get("/signin/openid", include_in_schema=False)
async def to_provider(request: Req) -> Response[Any]:
    """Off to the OpenID provider. What comes back is held against a cookie of this browser's."""
    services = services_of(request)
    if services.provider is None:
        raise NotFound("There is no OpenID provider here.")
    try:
        _count(request)
        address, kept = await services.provider.begin(_callback(request), clock(services.settings))
    except (Unavailable, TooMany) as error:
        return await sign_in_page(request, error)
    # The browser comes back from another site, which a strict cookie would not survive.
    cookie = _cookie(request, STATE_COOKIE, kept, OPEN_MS, samesite="lax")
    return Redirect(address, status_code=303, cookies=[cookie], headers={"cache-control": "no-store"})


@get("/signin/openid/callback", include_in_schema=False)
async def from_provider(
    request: Req, code: str = "", oidc_state: Annotated[str, QueryParameter(name="state")] = ""
) -> Response[Any]:
    services = services_of(request)
    if services.provider is None:
        raise NotFound("There is no OpenID provider here.")
    now = clock(services.settings)
    kept = _brought(request, STATE_COOKIE)
    try:
        _count(request)
        vouched = await services.provider.finish(kept, oidc_state, code, _callback(request), now)
        signed_in = await in_turn(services, services.accounts.sign_in_by_provider, vouched.subject, vouched.email, now)
    except (Unauthorized, Unavailable, TooMany) as error:
        answer = await sign_in_page(request, error)
    else:
        # No redirect: one that another site began would come without the strict cookie.
        answer = page("continue.html")
        answer.set_cookie(session_cookie(request, signed_in))
    answer.set_cookie(_cookie(request, STATE_COOKIE, "", 0, samesite="lax"))
    return answer


@post("/signout", include_in_schema=False, guards=[from_our_pages], request_max_body_size=_LARGEST_FORM)
async def sign_out(request: Req) -> Response[Any]:
    services = services_of(request)
    session = _brought(request, SESSION_COOKIE)
    await in_turn(services, services.accounts.sign_out, session, clock(services.settings))
    gone = _cookie(request, SESSION_COOKIE, "", 0)
    return Redirect("/signin", status_code=303, cookies=[gone], headers={"cache-control": "no-store"})


# ── one's own account ────────────────────────────────────────────────────────────────────────────────────────


@get("/account", include_in_schema=False)
async def account(request: Req) -> Response[Any]:
    user = await user_of(request)
    return await sign_in_page(request, _NOBODY) if user is None else _account(request, user)


@post("/account/password", include_in_schema=False, guards=[from_our_pages], request_max_body_size=_LARGEST_FORM)
async def set_password(request: Req) -> Response[Any]:
    services = services_of(request)
    user = await user_of(request)
    if user is None:
        return await sign_in_page(request, _NOBODY)
    form = await form_of(request)
    try:
        await in_turn(
            services,
            lambda: services.accounts.set_password(
                user,
                _brought(request, SESSION_COOKIE),
                form.current,
                form.new,
                clock(services.settings),
                email=form.email,
                name=form.name,
            ),
        )
    except (BadRequest, Unauthorized, Conflict, TooMany) as error:
        return _account(request, user, error)
    changed = await user_of(request)
    return _account(request, changed or user, success="From now on, this is your password.")


@get("/account/second-factor", include_in_schema=False)
async def second_factor_form(request: Req) -> Response[Any]:
    user = await user_of(request)
    if user is None or user.password is None:
        return await sign_in_page(request, _NOBODY)
    return _second_factor(request, user)


@post("/account/second-factor", include_in_schema=False, guards=[from_our_pages], request_max_body_size=_LARGEST_FORM)
async def confirm_second_factor(request: Req) -> Response[Any]:
    services = services_of(request)
    user = await user_of(request)
    if user is None or user.password is None:
        return await sign_in_page(request, _NOBODY)
    form = await form_of(request)
    try:
        codes = await in_turn(
            services, services.accounts.confirm_second_factor, user, form.secret, form.code, clock(services.settings)
        )
    except BadRequest as error:
        return _second_factor(request, user, error)
    return page("recovery.html", codes=codes)


@post(
    "/account/second-factor/off",
    include_in_schema=False,
    guards=[from_our_pages],
    request_max_body_size=_LARGEST_FORM,
)
async def drop_second_factor(request: Req) -> Response[Any]:
    services = services_of(request)
    user = await user_of(request)
    if user is None:
        return await sign_in_page(request, _NOBODY)
    form = await form_of(request)
    try:
        await in_turn(services, services.accounts.drop_second_factor, user, form.password, clock(services.settings))
    except (Unauthorized, TooMany) as error:
        return _account(request, user, error)
    changed = await user_of(request)
    return _account(request, changed or user, success="The second factor is off.")


# ── small steps ──────────────────────────────────────────────────────────────────────────────────────────────


async def user_of(request: Req) -> User | None:
    """Whose session the browser shows."""
    services = services_of(request)
    session = session_of(request)
    if session is None:
        return None
    return await asyncio.to_thread(services.doorkeeper.user_of, session, clock(services.settings))


async def sign_in_page(request: Req, refusal: FootfallError | None = None, *, email: str = "") -> Response[str]:
    services = services_of(request)
    people, openid = services.catalog.people, services.settings.openid
    return page(
        "signin.html",
        refusal,
        email=email,
        provider=None if openid is None else openid.name,
        has_passwords=await asyncio.to_thread(people.has_passwords),
        has_owner=await asyncio.to_thread(people.has_owner, DEFAULT_PROJECT),
    )


def let_in(request: Req, signed_in: SignedIn) -> Redirect:
    """To the numbers, with cookies that no script reads and no other site sends."""
    cookies = [session_cookie(request, signed_in)]
    if signed_in.device is not None:
        cookies.append(_cookie(request, DEVICE_COOKIE, signed_in.device, LIFE_MS["device"]))
    return Redirect("/", status_code=303, cookies=cookies, headers={"cache-control": "no-store"})


def session_cookie(request: Req, signed_in: SignedIn) -> Cookie:
    return _cookie(request, SESSION_COOKIE, signed_in.session, LIFE_MS["session"])


def address_of(request: Req) -> str:
    """For limits only; never kept, never logged."""
    return request.client.host if request.client else ""


def _count(request: Req) -> None:
    """One more step of signing in by the provider. Raises `TooMany`."""
    rates = services_of(request).rates
    rates.count(STEP_RATE, f"openid {rates.unnamed(address_of(request))}", WAIT)


def _callback(request: Req) -> str:
    return f"{base_of(request)}/signin/openid/callback"


def _cookie(
    request: Req, name: str, value: str, life_ms: int, *, samesite: Literal["strict", "lax"] = "strict"
) -> Cookie:
    return Cookie(
        key=cookie_name(request, name),
        value=value,
        httponly=True,
        samesite=samesite,
        secure=request.url.scheme == "https",
        max_age=life_ms // 1000,
        path="/",
    )


def _brought(request: Req, name: str) -> str:
    """What is in a cookie of ours; empty without one."""
    return request.cookies.get(cookie_name(request, name), "")


def _account(request: Req, user: User, refusal: FootfallError | None = None, *, success: str = "") -> Response[str]:
    projects = services_of(request).catalog.projects
    roles = [(projects.get(project_id), role) for project_id, role in user.roles.items()]
    return page("account.html", refusal, user=user, projects=roles, success=success)


def _second_factor(request: Req, user: User, refusal: FootfallError | None = None) -> Response[str]:
    secret, uri = services_of(request).accounts.begin_second_factor(user)
    # segno writes the picture, and nothing of what a person typed stands in it as text.
    picture = Markup(segno.make(uri, error="m").svg_inline(scale=4, border=0, omitsize=True))  # noqa: S704 - drawn by segno, holds no text
    return page("second_factor.html", refusal, secret=secret, picture=picture)


HANDLERS = [
    style,
    sign_in_form,
    open_link,
    sign_in,
    code_form,
    send_code,
    to_provider,
    from_provider,
    sign_out,
    account,
    set_password,
    second_factor_form,
    confirm_second_factor,
    drop_second_factor,
]
