"""Copies to hand out: who may be seen, a preview of each, and the files themselves, made as they are asked for."""

import functools
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from mien.catalog import details, people
from mien.catalog.derived import Fingerprints
from mien.errors import MienError, UnknownName
from mien.indexing import sharing, work
from mien.indexing.sharing import Asked, Made, Order, Sharing, percent
from mien.language import text
from mien.sharing.wish import SKIN, STYLES, Style, Whose, Wish
from mien.web.album import Album, ThisAlbum
from mien.web.pictures.routes import PHOTO_ID
from mien.web.rendering import STATIC, render
from mien.web.services.received import by_worker

router = APIRouter(include_in_schema=False)

MOST = 200
"""Photos at a time."""

NAME = "photo-{number:03}{suffix}"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: it says nothing of when

Ids = Annotated[list[str], Field(max_length=MOST)]


@dataclass(frozen=True)
class Choice:
    """What a visitor asks for. `keep`: ids of people; None: nothing was chosen yet, so the contacts."""

    photos: tuple[str, ...]
    keep: tuple[str, ...] | None
    wish: Wish
    anyway: bool

    def query(self, photo: str) -> str:
        """The address of one photo's preview, behind the `?`."""
        pairs = [("style", self.wish.style), ("skin", self.wish.skin), ("chosen", "1")]
        pairs += [("keep", person) for person in self.keep or ()] + ([("anyway", "1")] if self.anyway else [])
        return urlencode([("photo", photo), *pairs])


@dataclass(frozen=True)
class Candidate:
    """Somebody on the photos who has a name, and whether they are to be seen."""

    person_id: str
    name: str
    figure: str
    is_kept: bool


@dataclass(frozen=True)
class PhotoView:
    """One photo: what is lacking, and who is hidden though they are chosen, in words."""

    photo_id: str
    preview: str
    lacks: tuple[str, ...]
    unsure: tuple[str, ...]


class Asking(BaseModel):
    """What an address or a form says."""

    photo: Ids = []
    keep: Ids = []
    style: Style = "blur"
    skin: Whose = "none"
    chosen: bool = False
    anyway: bool = False

    def choice(self, *, chosen: bool) -> Choice:
        """`chosen`: whether `keep` says who may be seen; else it is the contacts."""
        photos, keep = (tuple(dict.fromkeys(ids)) for ids in (self.photo, self.keep))
        return Choice(photos, keep if chosen else None, Wish(self.style, self.skin), self.anyway)


def by_address(asking: Annotated[Asking, Query()]) -> Choice:
    """What an address asks for."""
    return asking.choice(chosen=asking.chosen)


def by_form(asking: Annotated[Asking, Form()]) -> Choice:
    """What a form asks for: whoever it does not name is not to be seen."""
    return asking.choice(chosen=True)


ByAddress = Annotated[Choice, Depends(by_address)]
ByForm = Annotated[Choice, Depends(by_form)]


@router.get("/share")
def page(request: Request, album: ThisAlbum, choice: ByAddress) -> Response:
    """Who is to be seen on these photos, and how they will look. Without photos: the timeline, to choose some."""
    if not choice.photos:
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)
    album.following.ensure()
    candidates = _candidates(album, choice.photos, choice.keep)
    choice = replace(choice, keep=tuple(person.person_id for person in candidates if person.is_kept))
    orders = _orders(album, choice)
    views = [
        PhotoView(
            photo_id,
            f"/share/preview.jpg?{choice.query(photo_id)}",
            tuple(lack.message() for lack in order.lacks),
            tuple(text("web.share.unsure", name=name, sure=percent(sure)) for name, sure in order.unsure),
        )
        for photo_id, order in zip(choice.photos, orders, strict=True)
    ]
    return render(
        request,
        "share.html",
        choice=choice,
        candidates=candidates,
        photos=views,
        lacks=any(view.lacks for view in views),
        styles=STYLES,
        skins=SKIN,
    )


@router.get("/share/preview.jpg")
async def preview(album: ThisAlbum, choice: ByAddress) -> Response:
    """How a copy will look, with an outline around what is hidden; a drawing if there is to be none."""
    made = None
    if len(choice.photos) == 1 and PHOTO_ID.fullmatch(choice.photos[0]):
        try:
            (order,) = await run_in_threadpool(_orders, album, choice)
            made = await _made(album, order, choice, small=True)
        except MienError:
            made = None  # the page says what is lacking, and asking for the copy why it is refused
    if made is None:
        return Response((STATIC / "absent.svg").read_bytes(), media_type="image/svg+xml")
    return Response(made.content, media_type="image/jpeg")


@router.post("/share/copies")
async def copies(album: ThisAlbum, choice: ByForm) -> Response:
    """The copy of one photo as a file, or of several in a zip. Nothing of it is kept here."""
    if not choice.photos or not all(PHOTO_ID.fullmatch(photo) for photo in choice.photos):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    orders = await run_in_threadpool(_orders, album, choice)
    if not choice.anyway and (lack := next((order.lacks[0] for order in orders if order.lacks), None)) is not None:
        raise lack
    if len(orders) > 1:
        headers = {"Content-Disposition": 'attachment; filename="photos.zip"'}
        return StreamingResponse(_zipped(album, choice), media_type="application/zip", headers=headers)
    made = await _made(album, orders[0], choice)
    name = NAME.format(number=1, suffix=made.suffix)
    kind = "image/png" if made.suffix == ".png" else "image/jpeg"
    return Response(made.content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _zipped(album: Album, choice: Choice) -> AsyncIterator[bytes]:
    """A zip, piece by piece. What was refused is left out, and how many, said in it without any name.

    Each photo is asked about when it is its turn: what is decided meanwhile holds for it.
    """
    stream, refused = _Stream(), 0
    with zipfile.ZipFile(stream, "w") as archive:
        for number, photo in enumerate(choice.photos, start=1):
            try:
                (order,) = await run_in_threadpool(_orders, album, replace(choice, photos=(photo,)))
                made = await _made(album, order, choice)
            except MienError:
                refused += 1
                continue
            archive.writestr(zipfile.ZipInfo(NAME.format(number=number, suffix=made.suffix), _LONG_AGO), made.content)
            yield stream.taken()
        if refused:
            words = text("web.share.refused", n=refused, total=len(choice.photos))
            archive.writestr(zipfile.ZipInfo("refused.txt", _LONG_AGO), f"{words}\n")
    yield stream.taken()


class _Stream(io.RawIOBase):
    """What was written since it was taken last; it cannot go back, as what is sent is sent."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


async def _made(album: Album, order: Order, choice: Choice, *, small: bool = False) -> Made:
    """A copy, by a worker. Raises `MienError` if it is refused."""
    call = functools.partial(sharing.copy_of, anyway=choice.anyway, small=small)
    made: Made = await by_worker(album.keeper.submit, order.files[0], call, order, choice.wish)
    return made


def _orders(album: Album, choice: Choice) -> list[Order]:
    """What is known of each photo. Raises `UnknownName`."""
    maker = Sharing(album.library, choice.keep, load=functools.partial(_loaded, album))
    orders = [maker.order(Asked(photo, photo)) for photo in choice.photos]
    if (
        gone := next((p for p, order in zip(choice.photos, orders, strict=True) if order.photo_id is None), None)
    ) is not None:
        raise UnknownName("no-such-photo", reference=gone)
    return orders


def _loaded(album: Album, engine: str) -> Fingerprints:
    """What an engine makes now, as a worker says, once for each album and engine."""
    key = album.csrf, engine
    if key not in _known:
        made: Fingerprints = album.keeper.submit(work.fingerprints, album.keeper.make_chain, engine).result()
        _known[key] = made
    return _known[key]


_known: dict[tuple[str, str], Fingerprints] = {}
"""By the token that every start of an album has of its own."""


def _candidates(album: Album, photos: Sequence[str], keep: Sequence[str] | None) -> list[Candidate]:
    """The named people on these photos. `keep`: who is chosen; None: the contacts."""
    found: dict[str, Candidate] = {}
    with album.library.catalog.read() as connection:
        for photo_id in photos:
            photo = details.photo(connection, photo_id)
            for figure in photo.figures if photo is not None else ():
                if figure.person_id is None or figure.person_name is None or figure.person_id in found:
                    continue
                card = people.person(album.library.catalog, figure.person_id)
                is_contact = card is not None and card.contact
                is_kept = is_contact if keep is None else figure.person_id in keep
                found[figure.person_id] = Candidate(figure.person_id, figure.person_name, figure.figure_id, is_kept)
    return sorted(found.values(), key=lambda person: person.name)
