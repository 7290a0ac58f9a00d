"""Pictures for the screen, made from originals by a process of its own: decoders meet whatever is in a file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool

from mien.catalog import details
from mien.catalog.blobs import Kind, garment_name, portrait_name
from mien.catalog.details import FigureDetails, PhotoDetails
from mien.catalog.library import Library
from mien.errors import LibraryError, WorkerLost
from mien.indexing.local import LocalExecutor
from mien.people.statements import WEARABLE
from mien.web.pictures import darkroom
from mien.web.pictures.cutouts import Piece, cut_out, parts_of, piece
from mien.web.pictures.orders import Keep, Orders
from mien.web.pictures.portraits import Box, cut, head_of, square_around

SECONDS = 30.0
MEMORY = 1 << 30
"""Bytes. Both are less than indexing may take: somebody waits for the picture, and the thumbnail can stand in."""

LEAST_PORTRAIT = 128
"""px of a side. So large a piece of a thumbnail will do for a portrait, and is there at once."""

ONCE_IS_ENOUGH = ("worker-slow", "worker-memory")
"""What a photo that asks for too much ends with. A process that died may have been ended for another's sake."""

NOW, SOON = 0, 1
"""Urgency: of the photo that somebody looks at, and of the many portraits on a page."""


@dataclass(frozen=True)
class Shown:
    """A JPEG, or of a garment a PNG. If not `is_final`, it stands in for one that cannot be made now: the original is
    away, or unreadable."""

    jpeg: bytes
    is_final: bool


@dataclass(frozen=True)
class Sitter:
    """A figure whose portrait is wanted. `name`: of the portrait; it changes with everything that it shows."""

    photo: PhotoDetails
    figure: FigureDetails
    name: str


class Studio:
    """Makes previews and portraits, and thumbnails if they were deleted; previews are left to the browser to keep: they
    take 0.1 s to make."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._orders = Orders(lambda: LocalExecutor(1, seconds=SECONDS, memory=MEMORY))
        self._too_much: set[str] = set()
        self._fatal: set[str] = set()

    async def thumbnail(self, photo_id: str) -> bytes | None:
        """The thumbnail that indexing made, else a new one from the original; None if that cannot be had now."""
        if stored := await run_in_threadpool(self.library.blobs.read, "thumbnails", photo_id):
            return stored
        photo = await run_in_threadpool(self._photo, photo_id)
        if photo is None:
            return None
        made: bytes | None = await self._made(
            photo, SOON, lambda jpeg: self._keep("thumbnails", [photo_id], [jpeg] if jpeg else None), darkroom.small
        )
        return made

    async def preview(self, photo_id: str) -> Shown | None:
        """The photo at the size of a screen, else its thumbnail; None if there is neither."""
        photo = await run_in_threadpool(self._photo, photo_id)
        if photo is not None:
            jpeg = await self._made(photo, NOW, None, darkroom.preview)
            if jpeg is not None:
                return Shown(jpeg, is_final=True)
        thumbnail = await run_in_threadpool(self.library.blobs.read, "thumbnails", photo_id)
        return None if thumbnail is None else Shown(thumbnail, is_final=False)

    def sitter(self, figure_id: str) -> Sitter | None:
        """None for a figure that is not known."""
        with self.library.catalog.read() as connection:
            photo_id = details.photo_of(connection, figure_id)
            photo = None if photo_id is None else details.photo(connection, photo_id)
        if photo is None:
            return None
        figure = next(figure for figure in photo.figures if figure.figure_id == figure_id)
        return Sitter(photo, figure, _name(photo, figure))

    async def portrait(self, sitter: Sitter) -> Shown | None:
        """The figure's portrait, else what its photo's thumbnail shows of it; None if there is neither."""
        photo = sitter.photo
        if stored := await run_in_threadpool(self.library.blobs.read, "portraits", sitter.name):
            return Shown(stored, is_final=True)
        squares = await run_in_threadpool(self._squares, photo)
        rough = await run_in_threadpool(self._from_thumbnail, photo, squares[sitter.name])
        if rough is not None and rough.is_final:
            return rough
        names = list(squares)  # of all figures of the photo: opening it is what takes time
        made = await self._made(
            photo, SOON, lambda jpegs: self._keep("portraits", names, jpegs), darkroom.portraits, list(squares.values())
        )
        return rough if made is None else Shown(made[names.index(sitter.name)], is_final=True)

    async def garment(self, sitter: Sitter, place: str) -> Shown | None:
        """What the figure wears there (one of `people.statements.WEARABLE`), cut out as a PNG, else as its photo's
        thumbnail shows it; None if there is neither, or nothing is seen there."""
        photo, name = sitter.photo, garment_of(sitter, place)
        if name is None:
            return None
        if stored := await run_in_threadpool(self.library.blobs.read, "garments", name):
            return Shown(stored, is_final=True)
        pieces = await run_in_threadpool(self._pieces, photo)
        if name not in pieces:
            return None
        names = list(pieces)
        made = await self._made(
            photo, SOON, lambda pngs: self._keep("garments", names, pngs), darkroom.cutouts, list(pieces.values())
        )
        if made is not None:
            return Shown(made[names.index(name)], is_final=True)
        pixels = await run_in_threadpool(self._small, photo)
        return None if pixels is None else Shown(cut_out(pixels, pieces[name]), is_final=False)

    def close(self) -> None:
        """End at once; who still waits gets what stands in."""
        self._orders.close()

    def _photo(self, photo_id: str) -> PhotoDetails | None:
        with self.library.catalog.read() as connection:
            return details.photo(connection, photo_id)

    def _squares(self, photo: PhotoDetails) -> dict[str, Box]:
        """Portrait's name → its square, of all figures of a photo."""
        parse = (
            details.parse_of(photo, self.library.blobs)
            if any(figure.face is None for figure in photo.figures)
            else None
        )
        squares = {}
        for figure in photo.figures:
            head = None
            if figure.face is None and figure.ordinal is not None and parse is not None:
                head = head_of(parse, figure.ordinal)
            squares[_name(photo, figure)] = square_around(figure.box, figure.face, head, photo.width, photo.height)
        return squares

    def _pieces(self, photo: PhotoDetails) -> dict[str, Piece]:
        """Cut-out's name → its piece, of all garments in a photo: opening it is what takes time."""
        parse = details.parse_of(photo, self.library.blobs)
        found: dict[str, Piece] = {}
        for figure in photo.figures if parse is not None else ():
            for place in WEARABLE:
                name = garment_of(Sitter(photo, figure, ""), place)
                if name is None or figure.ordinal is None or parse is None:
                    continue
                shown = piece(parse, figure.ordinal, parts_of(place, figure.traits.keys(), parse.areas[figure.ordinal]))
                if shown is not None:
                    found[name] = shown
        return found

    def _small(self, photo: PhotoDetails) -> NDArray[np.uint8] | None:
        """The thumbnail's px, sRGB."""
        data = self.library.blobs.read("thumbnails", photo.photo_id)
        pixels = None if data is None else cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        return None if pixels is None else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)

    def _from_thumbnail(self, photo: PhotoDetails, square: Box) -> Shown | None:
        """The square as the thumbnail shows it, for good if that is large enough."""
        pixels = self._small(photo)
        if pixels is None:
            return None
        height, width = pixels.shape[:2]
        side = max((square[2] - square[0]) * width, (square[3] - square[1]) * height)
        is_whole = width >= photo.width and height >= photo.height
        return Shown(cut(pixels, square), is_final=is_whole or side >= LEAST_PORTRAIT)

    def _keep(self, kind: Kind, names: list[str], jpegs: list[bytes] | None) -> None:
        try:
            for name, jpeg in zip(names, jpegs or (), strict=False):
                self.library.blobs.write(kind, name, jpeg)
        except LibraryError:  # a full disk, say: they are made again next time, and who waits gets them all the same
            return

    async def _made(
        self, photo: PhotoDetails, urgency: int, keep: Keep | None, call: Callable[..., Any], *args: Any
    ) -> Any:
        """What the darkroom makes of a photo; None if it cannot, for whatever reason."""
        if photo.photo_id in self._too_much:
            return None
        key = f"{call.__name__} {photo.photo_id} {photo.parse}"
        paths = [file.path for file in photo.files]
        try:
            return await self._orders.made(key, call, photo.photo_id, paths, *args, urgency=urgency, keep=keep)
        except WorkerLost as error:
            if error.code in ONCE_IS_ENOUGH or (error.code == "worker-died" and photo.photo_id in self._fatal):
                self._too_much.add(photo.photo_id)  # until the next start
            elif error.code == "worker-died":
                self._fatal.add(photo.photo_id)
            return None
        except Exception:  # unreadable, or away
            return None


def garment_of(sitter: Sitter, place: str) -> str | None:
    """The name of the cut-out of what the figure wears there; None if it wears nothing, or was drawn by hand."""
    photo, figure = sitter.photo, sitter.figure
    if figure.ordinal is None or place not in WEARABLE or place not in figure.traits:
        return None
    return garment_name(photo.photo_id, photo.parse, figure.ordinal, place)


def _name(photo: PhotoDetails, figure: FigureDetails) -> str:
    return portrait_name(photo.photo_id, photo.parse, figure.box, figure.face)
