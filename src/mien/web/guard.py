"""What stands before every route: who may come in, with how much, in which language, and what answers may do."""

import asyncio
import logging
import re
import secrets
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mien.errors import MienError
from mien.language import LANGUAGES, Language, current_language, speaking, text
from mien.photo.limits import Limits
from mien.web.access import Access, is_same
from mien.web.album import album_of
from mien.web.failures import answer
from mien.web.rendering import Json, wants_page

SAFE = frozenset({"GET", "HEAD"})
METHODS = SAFE | {"POST"}

SERVICES = frozenset({"/predict", "/upload", "/parse"})
"""Which programs may post to without a token of ours, and where photos arrive."""

FORM_BYTES = 64 << 10
SERVICE_BYTES = Limits().max_bytes + FORM_BYTES

PATIENCE = 60.0
"""Seconds to wait for the next piece of a body."""

LANGUAGE_COOKIE = "language"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware around the whole application; nothing below it is reached by a request that it refuses."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            request = Request(scope)
            with speaking(language_of(request)):
                await self._answer(request, receive, _Answer(request, send))

    async def _answer(self, request: Request, receive: Receive, send: "_Answer") -> None:
        scope = request.scope
        try:
            if (refusal := self._refusal(request)) is not None:
                await refusal(scope, receive, send)
            elif (entry := self._entry(request)) is not None:
                await entry(scope, receive, send)
            else:  # routes know of GET; its body is left out on the way back
                scope = {**scope, "method": "GET"} if request.method == "HEAD" else scope
                await self.app(scope, _Body(request, receive), send)
        except Exception:
            trace = secrets.token_hex(4)
            _log.exception("%s: %s %r failed", trace, request.method, request.scope["path"])
            if send.started:
                raise
            failure = answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, text("web.failure.500", trace=trace))
            await failure(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        """Why this request is not let in, if it is not. Says nothing of the album."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or not self.access.means_us(hosts[0]):
            status = HTTPStatus.MISDIRECTED_REQUEST if hosts else HTTPStatus.BAD_REQUEST
            return _brief(request, status, text("web.refused.host"))
        if request.method not in METHODS:
            return _brief(
                request, HTTPStatus.METHOD_NOT_ALLOWED, text("web.refused.method"), Allow=", ".join(sorted(METHODS))
            )
        if not self.access.admits(self._shown(request)):
            words = text("web.refused.bearer" if self.access.programs_only else "web.refused.token")
            return _brief(request, HTTPStatus.UNAUTHORIZED, words, **{"WWW-Authenticate": "Bearer"})
        if request.method not in SAFE and not _is_own(request, hosts[0]):
            return _brief(request, HTTPStatus.FORBIDDEN, text("web.refused.origin"))
        return None

    def _shown(self, request: Request) -> str | None:
        """The access token that a request shows: a program's, a page's, or that of the address we printed."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return credentials.strip()
        if self.access.programs_only:
            return None
        if request.method in SAFE and "token" in request.query_params:
            return request.query_params["token"]
        return request.cookies.get(self._cookie)

    def _entry(self, request: Request) -> Response | None:
        """For who comes with the address we printed: a cookie in the token's place, and the same page without it.

        No redirect: browsers leave a strict cookie out of one if the address stood on somebody else's page.
        """
        if self.access.token is None or self.access.programs_only or "token" not in request.query_params:
            return None
        rest = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "token"])
        page = HTMLResponse(f'<!doctype html><meta charset="utf-8"><p><a href="?">{text("web.title")}</a>')
        page.headers["Refresh"] = f"0; url=?{rest}"
        page.set_cookie(self._cookie, self.access.token, max_age=30 * 86400, httponly=True, samesite="strict")
        return page

    @property
    def _cookie(self) -> str:
        return f"access-{self.access.port}"  # all ports of a computer share their cookies


class _Answer:
    """Sends what the application answers, with the headers that every answer has."""

    def __init__(self, request: Request, send: Send) -> None:
        self.request, self.send = request, send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers.setdefault("Cache-Control", "no-store")
        elif self.request.method == "HEAD":
            message = {**message, "body": b""}
        await self.send(message)


class _Body:
    """Receives a request's body; raises `HTTPException` when it is longer or slower than it may be."""

    def __init__(self, request: Request, receive: Receive) -> None:
        self.receive = receive
        self.limit = SERVICE_BYTES if request.scope["path"] in SERVICES else FORM_BYTES
        declared = request.headers.get("content-length", "")
        self.declared = int(declared) if declared.isdecimal() else 0
        self.arrived = 0
        self.ended = False

    async def __call__(self) -> Message:
        if self.ended:
            return await self.receive()  # comes when the visitor goes
        self._check(self.declared)
        try:
            message = await asyncio.wait_for(self.receive(), PATIENCE)
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
        self.arrived += len(message.get("body", b""))
        self.ended = not message.get("more_body", False)
        self._check(self.arrived)
        return message

    def _check(self, length: int) -> None:
        if length > self.limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


async def prove(request: Request) -> None:
    """Of every route: what a browser posts must come from a page of ours, which knows a token that nobody else does.

    The token is in the header `X-CSRF-Token` or in the form's field `csrf`. Raises `MienError`.
    """
    if request.method in SAFE or (request.scope["path"] in SERVICES and not is_browser(request)):
        return
    shown = request.headers.get("x-csrf-token") or (await request.form()).get("csrf")
    if not is_same(shown, album_of(request).csrf):
        raise MienError("page-outdated" if shown or wants_page(request) else "token-missing")


def is_browser(request: Request) -> bool:
    """Whether this is what a browser sends, or may be: programs set none of these by themselves."""
    return bool(request.cookies) or "origin" in request.headers or "sec-fetch-site" in request.headers


def language_of(request: Request) -> Language:
    """The language a visitor chose, else the first of ours that the browser prefers, else this computer's."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    preferred = [tag for tag, quality in _preferences(request.headers.get("accept-language", "")) if quality > 0]
    return next(
        (language for tag in (chosen, *preferred) for language in LANGUAGES if language == tag), current_language()
    )


def _preferences(header: str) -> list[tuple[str, float]]:
    """The languages of an Accept-Language header (RFC 9110, 12.5.4) and their qualities, best first."""
    found = re.findall(r"([a-z]+)[a-z0-9-]*\s*(?:;\s*q=([01](?:\.[0-9]*)?))?", header.lower())
    return sorted(((tag, float(quality or 1)) for tag, quality in found), key=lambda pair: -pair[1])


def _is_own(request: Request, host: str) -> bool:
    """Whether a request comes from a page of ours or from no page at all."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
    return origin in (None, f"http://{host}") and site in ("same-origin", "none")


def _brief(request: Request, status: HTTPStatus, words: str, **headers: str) -> Response:
    """Without a page's frame, which is for those who are let in."""
    if wants_page(request):
        return PlainTextResponse(words + "\n", status, headers)
    return Json({"error": words}, status, headers)
