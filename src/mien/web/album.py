"""What every request works on: the open library, and who works for it."""

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from mien.catalog.library import Library
from mien.errors import LibraryError
from mien.indexing.engine import chosen
from mien.language import text
from mien.parsing.remote.address import Address, other_machine
from mien.web.background.following import Asking, Following
from mien.web.background.keeper import Keeper
from mien.web.pictures.studio import Studio
from mien.web.services.uploads import Uploads

TOLD = "away"
"""The cookie of a visitor who has read where photos go: that machine's mark."""


@dataclass(frozen=True)
class Album:
    """One library as it is served.

    Attributes:
        keeper: keeps the library up to date in the background, and parses what visitors bring.
        studio: decodes originals into pictures for the screen, in a process of its own.
        csrf: what pages prove with that a form was ours; new with every start.
        following: has the people follow the decisions; `asking`: and the questions the people.
        uploads: the photos that were given to the library itself.
    """

    library: Library
    keeper: Keeper
    studio: Studio
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    following: Following = field(init=False)
    asking: Asking = field(init=False)
    uploads: Uploads = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "following", Following(self.library))
        object.__setattr__(self, "asking", Asking(self.library))
        object.__setattr__(self, "uploads", Uploads(self.library))

    @property
    def engine(self) -> str:
        """By which it goes: a name, or the address of a service."""
        return self.keeper.engine or chosen(self.library.folder)

    @property
    def trouble(self) -> str | None:
        """Why people could not follow what was decided, in words."""
        error = self.following.error
        return None if error is None else text("error.decision-kept", reason=error.message())

    @property
    def away(self) -> Address | None:
        """The other machine that photos are sent to, if they leave this one."""
        with suppress(LibraryError):  # which what is worked on tells
            return other_machine(self.engine)
        return None


def album_of(request: Request) -> Album:
    """The album that this application serves."""
    album: Album = request.app.state.album
    return album


ThisAlbum = Annotated[Album, Depends(album_of)]
"""The parameter of a route that works on it."""
