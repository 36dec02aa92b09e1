"""Exceptions into `application/problem+json` (RFC 9457): one table, and no stack trace ever leaves."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import Send

from footfall.model import errors
from footfall.services.faults import log_fault

_log = logging.getLogger("footfall.http")

PROBLEM_JSON = "application/problem+json"

STATUS: dict[type[errors.FootfallError], int] = {
    errors.BadRequest: 400,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.TooSlow: 408,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Unsupported: 415,
    errors.Misdirected: 421,
    errors.TooMany: 429,
    errors.QueryRefused: 422,
    errors.Unavailable: 503,
    errors.NoAnswer: 503,
    errors.Unusable: 503,
    errors.FolderInUse: 503,
    errors.FolderDamaged: 503,
}


class Problem(msgspec.Struct, omit_defaults=True, kw_only=True):
    """What went wrong, for a program and for a person."""

    type: str
    title: str
    status: int
    detail: str
    path: str | None = None
    position: errors.Position | None = None
    """Line and column in the text at `path`, both from 1."""


def status_of(error: errors.FootfallError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def retry_of(error: errors.FootfallError) -> dict[str, str]:
    """The header that says when to come again, where that helps."""
    retry_after = getattr(error, "retry_after", None)
    return {} if retry_after is None else {"retry-after": str(retry_after)}


def of_footfall(_request: Request[Any, Any, Any], error: errors.FootfallError) -> Response[Problem]:
    status, headers = status_of(error), retry_of(error)
    if status == 401:  # noqa: PLR2004 - the status that must name a scheme (RFC 9110, 15.5.2)
        headers["www-authenticate"] = 'Bearer realm="footfall"'
    return _problem(status, error.title, error.detail, error.path, headers, error.position)


def of_validation(_request: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    extra = error.extra if isinstance(error.extra, list) else []
    first: Any = extra[0] if extra else {}
    key = first.get("key") if isinstance(first, dict) else None
    message = first.get("message") if isinstance(first, dict) else None
    if str(message) == "'data'":  # how the framework says that there was nothing
        message = "The body is empty."
    return _problem(400, "Bad request", str(message or error.detail), f"$.{key}" if key and key != "data" else "$", {})


def of_unreadable(_request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """A body whose JSON is nested too deeply, or no UTF-8: its decoder has no error of its own for these."""
    detail = "The body is nested too deeply." if isinstance(error, RecursionError) else "The body is not UTF-8."
    return _problem(400, "Bad request", detail, "$", {})


def of_http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    path = "$" if error.status_code == 400 else None  # noqa: PLR2004 - a body that is no JSON
    return _problem(error.status_code, "The request cannot be taken", error.detail, path, dict(error.headers or {}))


def of_surprise(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    log_fault(_log, f"{request.method} {request.scope.get('path_template', '')} failed", error)
    return _problem(500, "Something went wrong", "This is a fault of ours; the server's log has it.", None, {})


def _problem(
    status: int,
    title: str,
    detail: str,
    path: str | None,
    headers: dict[str, str],
    position: errors.Position | None = None,
) -> Response[Problem]:
    return Response(
        Problem(type="about:blank", title=title, status=status, detail=detail, path=path, position=position),
        status_code=status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )


async def send_problem(send: Send, error: errors.FootfallError) -> None:
    """The same where no handler is near: around the application."""
    status = status_of(error)
    body = msgspec.json.encode(Problem(type="about:blank", title=error.title, status=status, detail=error.detail))
    head = [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", str(len(body)).encode())]
    head += [(name.encode(), value.encode()) for name, value in retry_of(error).items()]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body, "more_body": False})


PROBLEMS: dict[int, ResponseSpec] = {
    status: ResponseSpec(Problem, media_type=PROBLEM_JSON, generate_examples=False)
    for status in (400, 401, 403, 404, 408, 409, 413, 415, 421, 422, 429, 503)
}
"""What every route may answer instead, for the OpenAPI document."""

HANDLERS: dict[Any, Any] = {
    errors.FootfallError: of_footfall,
    ValidationException: of_validation,
    RecursionError: of_unreadable,
    UnicodeDecodeError: of_unreadable,
    HTTPException: of_http,
    Exception: of_surprise,
}


def problem_of(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """What the application answers to an error, for what answers in its place."""
    return next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)(request, error)


__all__ = ["HANDLERS", "PROBLEMS", "STATUS", "Problem", "problem_of", "retry_of", "send_problem", "status_of"]
