"""All that can be asked of the application, for tests that hold for every route."""

import re
from urllib.parse import urlencode

from fastapi.routing import APIRoute

from mien.catalog import listing
from mien.catalog.timeline import NEWEST
from mien.web.album import Album
from mien.web.app import ROOMS
from tests.web.conftest import ADDRESS

ROUTES = [route for room in ROOMS for route in room.router.routes if isinstance(route, APIRoute)]
ASKING = sorted({route.path for route in ROUTES if "GET" in route.methods} | {"/openapi.json", "/static/style.css"})
DOING = sorted({route.path for route in ROUTES if "POST" in route.methods})

OWN = {"origin": ADDRESS, "sec-fetch-site": "same-origin"}
"""How a browser says that a request comes from a page of ours."""


QUERIES = {
    "/people/more": {"part": "groups"},
    "/people/{person_id}/photos": {"after": str(NEWEST)},
    "/search": {"q": "somebody"},
    "/api/search": {"q": "somebody"},
}
"""What routes need after the `?`."""


def fill(path: str, album: Album) -> str:
    """An address of the route `path`: somebody and something that the library holds."""
    row = listing.figures(album.library.catalog)[0]
    known: dict[str, str | None] = {"decision": "x", "place": "upper"}
    known |= {"photo_id": row.photo_id, "figure_id": row.figure_id, "person_id": row.person_id}
    address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: str(known[match[1]]), path)
    return f"{address}?{urlencode(QUERIES[path])}" if path in QUERIES else address
