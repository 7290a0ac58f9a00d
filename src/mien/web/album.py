"""What every request works on: the open library, and who works for it."""

import secrets
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from mien.catalog.library import Library
from mien.web.background.following import Following
from mien.web.background.keeper import Keeper
from mien.web.pictures.studio import Studio
from mien.web.services.uploads import Uploads


@dataclass(frozen=True)
class Album:
    """One library as it is served.

    Attributes:
        keeper: keeps the library up to date in the background, and parses what visitors bring.
        studio: decodes originals into pictures for the screen, in a process of its own.
        csrf: what pages prove with that a form was ours; new with every start.
        following: has the people follow the decisions.
        uploads: the photos that were given to the library itself.
    """

    library: Library
    keeper: Keeper
    studio: Studio
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    following: Following = field(init=False)
    uploads: Uploads = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "following", Following(self.library))
        object.__setattr__(self, "uploads", Uploads(self.library))


def album_of(request: Request) -> Album:
    """The album that this application serves."""
    album: Album = request.app.state.album
    return album


ThisAlbum = Annotated[Album, Depends(album_of)]
"""The parameter of a route that works on it."""
