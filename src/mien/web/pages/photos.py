"""One photo: its figures, their silhouettes, parts and traits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from mien.catalog import details, people, timeline
from mien.catalog.details import FigureDetails, FileDetails, PhotoDetails
from mien.indexing import deciding
from mien.language import text
from mien.parsing.overlay import COLOURS
from mien.parsing.parse import PARTS, Parse
from mien.people.anchors import Box
from mien.people.naming import LONGEST_NAME
from mien.web.album import ThisAlbum
from mien.web.pages.portrayal import Remark, remarks
from mien.web.pages.silhouettes import Silhouette, silhouettes
from mien.web.pages.wording import day_and_time, file_size, legible, listed, place_words, sure
from mien.web.rendering import render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Part:
    """One of the 19 parts, in its colour."""

    part: str
    fill: str
    path: str = ""


@dataclass(frozen=True)
class FigureView:
    """One figure as the page shows it.

    Attributes:
        number: from 1, in the order of the page.
        box: x, y, width, height in the drawing's units; shown where there is no `outline`.
        outline, parts: SVG paths, see `mien.web.pages.silhouettes`.
        who: the person's name or "Somebody"; label: that, and which of how many.
        said: who says that it is this person, and how sure that is.
    """

    figure_id: str
    number: int
    box: tuple[float, float, float, float]
    outline: str
    parts: tuple[Part, ...]
    who: str
    label: str
    said: str
    person_id: str | None
    name: str | None
    is_decided: bool
    by_hand: bool
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class FileView:
    """One file of the photo: where it is, what it is, and what is wrong with it, if anything."""

    folder: str
    name: str
    about: str
    offline: bool
    problem: str | None


@router.get("/photos/{photo_id}")
def page(
    photo_id: str,
    request: Request,
    album: ThisAlbum,
    figure: str | None = None,
    engine: str | None = None,
    decision: str = "",
) -> HTMLResponse:
    """The page of one photo; with `figure`, that one is chosen. With `engine`, what that one sees is only looked at.

    `decision`: the one that was just made, to be taken back from here.
    """
    album.following.ensure()
    with album.library.catalog.read() as connection:
        photo = details.photo(connection, photo_id)
        if photo is None:
            raise HTTPException(404)
        neighbours = timeline.neighbours(connection, photo_id)
        names = people.names(connection)
    second = None if engine not in photo.others else details.parse_of(photo, album.library.blobs, engine)
    parse = details.parse_of(photo, album.library.blobs) if second is None else second
    figures = figure_views(photo, parse) if second is None else second_views(second)
    return render(
        request,
        "photo.html",
        photo=photo,
        neighbours=neighbours,
        figures=figures,
        chosen=next((view.figure_id for view in figures if view.figure_id == figure), None),
        only=figures[0].figure_id if len(figures) == 1 else None,
        canvas=canvas_of(photo, parse),
        has_silhouettes=parse is not None,
        engines=sorted({photo.engine, *photo.others}) if photo.engine else [],
        second=engine if second is not None else None,
        legend=_legend(figures),
        alt=_alt(figures),
        title=_title(photo),
        facts=facts(photo),
        files=[_file_view(file) for file in photo.files],
        undo=deciding.last(album.library, decision),
        names=names,
        longest_name=LONGEST_NAME,
    )


def canvas_of(photo: PhotoDetails, parse: Parse | None) -> tuple[int, int]:
    """Width and height of the drawing over the photo, in its units: the parse's px."""
    return (photo.width, photo.height) if parse is None else parse.size


def figure_views(photo: PhotoDetails, parse: Parse | None) -> list[FigureView]:
    """The photo's figures, from left to right."""
    shapes = silhouettes(parse) if parse is not None else ()
    width, height = canvas_of(photo, parse)
    in_order = sorted(photo.figures, key=lambda figure: (figure.box[0] + figure.box[2], figure.figure_id))
    views = []
    for number, figure in enumerate(in_order, start=1):
        drawn = figure.ordinal is not None and figure.ordinal < len(shapes)
        shape = shapes[figure.ordinal] if drawn and figure.ordinal is not None else Silhouette("", {})
        who = figure.person_name or text("web.photo.somebody")
        views.append(
            FigureView(
                figure_id=figure.figure_id,
                number=number,
                box=_scaled(figure.box, width, height),
                outline=shape.outline,
                parts=tuple(Part(part, fill_of(part), path) for part, path in shape.parts.items()),
                who=who,
                label=text("web.photo.figure", who=who, number=number, total=len(in_order)),
                said=_said(figure),
                person_id=figure.person_id,
                name=figure.person_name,
                is_decided=figure.person_source == "decided",
                by_hand=figure.ordinal is None,
                remarks=remarks(figure.traits),
            )
        )
    return views


def second_views(parse: Parse) -> list[FigureView]:
    """Who an engine sees that the album does not go by, from left to right: nobody of whom anything is known."""
    shapes, (width, height) = silhouettes(parse), parse.size
    in_order = sorted(range(len(parse)), key=lambda i: float(parse.boxes[i, 0] + parse.boxes[i, 2]))
    who = text("web.photo.somebody")
    return [
        FigureView(
            figure_id=f"second-{number}",
            number=number,
            box=_scaled(parse.boxes[i].tolist(), width, height),
            outline=shapes[i].outline,
            parts=tuple(Part(part, fill_of(part), path) for part, path in shapes[i].parts.items()),
            who=who,
            label=text("web.photo.figure", who=who, number=number, total=len(in_order)),
            said="",
            person_id=None,
            name=None,
            is_decided=False,
            by_hand=False,
            remarks=(),
        )
        for number, i in enumerate(in_order, start=1)
    ]


def fill_of(part: str) -> str:
    """The colour that a part has in every picture of ours."""
    return "#{:02x}{:02x}{:02x}".format(*COLOURS[part])


def _scaled(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    """x, y, width, height of a box in px whose first has its centre at 0, 0, within the photo."""
    x0, y0, x1, y1 = (min(max(value, 0.0), 1.0) for value in box)
    x, y, across, down = x0 * width - 0.5, y0 * height - 0.5, (x1 - x0) * width, (y1 - y0) * height
    return round(x, 1), round(y, 1), round(across, 1), round(down, 1)


def _said(figure: FigureDetails) -> str:
    if figure.person_source is None:
        return text("web.photo.ungrouped")
    if figure.person_name is None:
        return ""
    if figure.person_source == "decided":
        return text("web.photo.decided")
    return text("web.photo.inferred", sure=sure(figure.person_confidence or 0))


def _legend(figures: Iterable[FigureView]) -> list[Part]:
    """The parts that are seen in the photo, in the order of their labels."""
    seen = {part.part for figure in figures for part in figure.parts}
    return [Part(part, fill_of(part)) for part in PARTS if part in seen]


def _alt(figures: list[FigureView]) -> str:
    if not figures:
        return text("web.photo.alt-nobody")
    return text("web.photo.alt", people=listed([figure.who for figure in figures]))


def _title(photo: PhotoDetails) -> str:
    """When it was taken, else what its file is called."""
    return PurePath(legible(photo.files[0].path)).name if photo.taken_at is None else day_and_time(photo.taken_at)


def facts(photo: PhotoDetails) -> Mapping[str, str]:
    """What is known of the photo beside its people: what it is (a key of `web.photo`) → in words."""
    known: dict[str, str] = {}
    for file in photo.files:
        if file.taken_at is not None and file.taken_at == photo.taken_at:
            known.setdefault("taken", _taken(file))
        if file.camera is not None:
            known.setdefault("camera", _camera(file))
        if file.place is not None:
            known.setdefault("place", place_words(file.place))
    return {"taken": text("web.photo.undated"), "size": f"{photo.width} × {photo.height} px"} | known


def _taken(file: FileDetails) -> str:
    time = day_and_time(file.taken_at or "")
    return listed([time, text(f"web.photo.source.{file.taken_source}")]) if file.taken_source else time


def _camera(file: FileDetails) -> str:
    if file.focal_length_35mm is None:
        return file.camera or ""
    return text("web.photo.focal-length", camera=file.camera, length=round(file.focal_length_35mm))


def _file_view(file: FileDetails) -> FileView:
    path = PurePath(legible(file.path))
    return FileView(
        folder=str(path.parent),
        name=path.name,
        about=" · ".join([file.format, file_size(file.size)] if file.format else [file_size(file.size)]),
        offline=file.offline,
        problem=None if file.error is None else legible(file.error.message()),
    )
