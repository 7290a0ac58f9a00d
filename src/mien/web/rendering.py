"""Rendering: templates in the visitor's language."""

import functools
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse

from mien.language import current_language, text
from mien.web.album import TOLD, album_of

STATIC = Path(str(resources.files("mien.web") / "static"))


@functools.cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(str(resources.files("mien.web") / "templates"))
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,  # an update under a running server must not mix its pages with the old texts
    )
    environment.globals |= {"text": text, "language": current_language, "static": static}
    return environment


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page `template` filled with `values`; in it stand also `request`, `csrf`, `away`, `status`, `text`, …"""
    page = filled(request, template, status=status, **values)
    # A file name that is not valid Unicode is shown as escapes.
    return HTMLResponse(page.encode("utf-8", "backslashreplace"), status, headers={"Cache-Control": "no-store"})


def filled(request: Request, template: str, **values: Any) -> str:
    """What `render` answers with, in itself: to be a piece of something else."""
    album = album_of(request)
    away = album.away
    is_told = away is None or request.cookies.get(TOLD) == away.mark
    frame = {"request": request, "csrf": album.csrf, "away": away, "is_told": is_told}
    return _environment().get_template(template).render(**frame, **values)


def wants_page(request: Request) -> bool:
    """Whether a browser shows the answer as a page; else it is for a program or a script, as JSON."""
    return "text/html" in request.headers.get("accept", "") and hasattr(request.app.state, "album")


class Json(JSONResponse):
    """JSON in which a file name that is not valid Unicode becomes an escape, as on the command line."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


@functools.cache
def static(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
