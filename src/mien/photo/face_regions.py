"""Faces that other programs marked and named in a photo's XMP.

Three ways of saying so are read, the first being the standard: the Metadata Working Group's regions (Guidelines 2.0,
5.9: Lightroom, digiKam, Picasa, Apple), Microsoft's (People Tagging: Windows Photo Gallery, digiKam) and ACDSee's.
Areas are shares of the picture as it is *stored*, before EXIF's orientation: so other programs write and show them.
Where the dimensions beside them tell that a program measured the upright photo, it is believed; where nothing tells,
`FaceRegion.otherwise` is the other reading.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from mien.photo.orientation import Box, is_turned, shown
from mien.photo.rdf import Element, Packet, get, items, text_of

Source = Literal["mwg", "microsoft", "acdsee", "picasa"]
Flaw = Literal["other-version", "no-place"]

MWG = "http://www.metadataworkinggroup.com/schemas/regions/"
ST_AREA = "http://ns.adobe.com/xmp/sType/Area#"
ST_DIMENSIONS = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
MICROSOFT = "http://ns.microsoft.com/photo/1.2/"
MICROSOFT_INFO = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
MICROSOFT_REGION = "http://ns.microsoft.com/photo/1.2/t/Region#"
ACDSEE = "http://ns.acdsee.com/regions/"
ACDSEE_AREA = "http://ns.acdsee.com/sType/Area#"
ACDSEE_DIMENSIONS = "http://ns.acdsee.com/sType/Dimensions#"
MIEN = "urn:mien:regions#"
"""What Mien adds to its own regions, inside MWG's `Extensions`."""

SAME_SHAPE = 0.02
"""Most by which the proportions of one picture's copies differ: sizes are rounded, raw files have a few more rows."""

SAME_PLACE = 0.3
"""Least IoU of two boxes that people or programs draw around one face."""

_MOST = 1000
"""Regions of one notation in one packet; more are no faces that anybody marked."""

_IGNORED = "f" * 16
"""What programs that convert Picasa's lists write for a face that was to be ignored."""


@dataclass(frozen=True)
class Shape:
    """Size in px of the upright photo, and the orientation (1–8) by which its file has it shown upright.

    The orientation is EXIF's word also for files whose picture itself is turned (HEIF): programs go by it there, too.
    """

    width: int
    height: int
    orientation: int = 1

    @property
    def stored(self) -> tuple[int, int]:
        """Width and height as stored."""
        return (self.height, self.width) if is_turned(self.orientation) else (self.width, self.height)


@dataclass(frozen=True)
class FaceRegion:
    """A face that somebody marked.

    Attributes:
        name: None where nobody was named.
        box: shares 0–1 of the upright photo.
        source: in whose notation.
        otherwise: where it is if its writer measured the upright photo, against the standard; None if that is certain.
        is_guess: whether Mien itself wrote it, as a guess of its own.
    """

    name: str | None
    box: Box
    source: Source
    otherwise: Box | None = None
    is_guess: bool = False


@dataclass(frozen=True)
class FaceRegions:
    """What a packet says of faces; `flawed` are the names of regions that cannot be used, and why."""

    faces: tuple[FaceRegion, ...] = ()
    flawed: tuple[tuple[str | None, Flaw], ...] = ()


@dataclass(frozen=True)
class Frame:
    """What areas are shares of: a picture of this size in px. `orientation` leads from it to the upright photo."""

    width: float
    height: float
    orientation: int
    is_certain: bool


def face_regions(packet: Packet, shape: Shape) -> FaceRegions:
    """All face regions of a packet that belongs to a photo of this shape; the standard's win."""
    faces: list[list[FaceRegion]] = []
    flawed: list[tuple[str | None, Flaw]] = []
    for found in (_mwg(packet, shape), _microsoft(packet, shape), _acdsee(packet, shape)):
        regions = list(islice(found, _MOST))
        faces.append([region for region in regions if isinstance(region, FaceRegion)])
        flawed += [region for region in regions if not isinstance(region, FaceRegion)]
    return FaceRegions(merged(faces), tuple(flawed))


def merged(sources: Iterable[Sequence[FaceRegion]]) -> tuple[FaceRegion, ...]:
    """The regions of several sources, best first: each adds places and names that those before it have not.

    A name that an earlier source has elsewhere in the photo is not added: the region was moved since.
    """
    kept: list[FaceRegion] = []
    for regions in sources:
        before = len(kept)
        names = {region.name for region in kept}
        for region in regions:
            there = next((i for i in range(before) if is_same_place(kept[i].box, region.box)), None)
            if region.name in names and region.name is not None:
                continue
            if there is None:
                kept.append(region)
            elif kept[there].name is None:
                kept[there] = replace(kept[there], name=region.name, is_guess=region.is_guess)
    return tuple(kept)


def is_same_place(one: Box, other: Box) -> bool:
    """Whether two boxes are around one face: they share much, or each holds the other's centre."""
    return overlap(one, other) >= SAME_PLACE or (_holds_centre(one, other) and _holds_centre(other, one))


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    x0, y0, x1, y1 = max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
    shared = max(x1 - x0, 0) * max(y1 - y0, 0)
    union = _area(one) + _area(other) - shared
    return shared / union if union > 0 else 0.0


def applied_to(dimensions: Element | str | None, namespace: str, shape: Shape) -> Frame | None:
    """What the areas beside these dimensions are shares of; None if it is another version of the photo."""
    if dimensions is None or isinstance(dimensions, str):
        width = height = math.nan
    else:
        width, height = (_number(text_of(get(dimensions, f"{namespace} {side}"))) for side in "wh")
    as_stored = Frame(*shape.stored, shape.orientation, is_certain=shape.orientation == 1)
    if not (width > 0 and height > 0):
        return as_stored
    fits_stored = _is_same_shape(width, height, *shape.stored)
    fits_upright = _is_same_shape(width, height, shape.width, shape.height)
    if not fits_stored and not fits_upright:
        return None
    if fits_stored:
        certain = shape.orientation == 1 or not fits_upright
        return Frame(width, height, shape.orientation, certain)
    return Frame(width, height, 1, True)


def area_box(region: Element, area: Element | str | None, namespace: str, frame: Frame) -> Box | None:
    """x0, y0, x1, y1 in shares of the frame, from an area that is given by its centre; None if that is no place."""
    if area is None or isinstance(area, str):
        return None
    x, y, width, height = (_number(text_of(get(area, f"{namespace} {name}"))) for name in "xywh")
    if text_of(get(area, f"{namespace} unit")) == "pixel":
        x, width, y, height = x / frame.width, width / frame.width, y / frame.height, height / frame.height
    turn = _number(text_of(get(region, f"{MWG} Rotation")))  # Lightroom's: radians, of the area around its centre
    if math.isfinite(turn) and abs(math.sin(turn)) > abs(math.cos(turn)):
        width, height = height * frame.height / frame.width, width * frame.width / frame.height
    return _inside((x - width / 2, y - height / 2, x + width / 2, y + height / 2))


Found = Iterator[FaceRegion | tuple[str | None, Flaw]]


def _mwg(packet: Packet, shape: Shape) -> Found:
    return _by_centres(packet, shape, "mwg", MWG, ("Area",), ST_AREA, ST_DIMENSIONS)


def _acdsee(packet: Packet, shape: Shape) -> Found:
    """The same with other names. `DLYArea` is what was drawn or found; `ALGArea` is squared by the program."""
    return _by_centres(packet, shape, "acdsee", ACDSEE, ("DLYArea", "ALGArea"), ACDSEE_AREA, ACDSEE_DIMENSIONS)


def _by_centres(
    packet: Packet, shape: Shape, source: Source, namespace: str, areas: Sequence[str], area: str, dimensions: str
) -> Found:
    for regions in packet.values(f"{namespace} Regions"):
        if isinstance(regions, str):
            continue
        frame = applied_to(get(regions, f"{namespace} AppliedToDimensions"), dimensions, shape)
        for region in items(get(regions, f"{namespace} RegionList")):
            if text_of(get(region, f"{namespace} Type")).lower() not in ("face", ""):
                continue
            name = name_of(get(region, f"{namespace} Name"))
            given = next((a for a in areas if get(region, f"{namespace} {a}") is not None), areas[0])
            box = None if frame is None else area_box(region, get(region, f"{namespace} {given}"), area, frame)
            is_guess = mark_of(region, "guess") != ""
            yield _region(name, box, frame, source, is_guess) or (name, "no-place" if frame else "other-version")


def _microsoft(packet: Packet, shape: Shape) -> Found:
    """Four numbers: the top left corner, width, height. There are no dimensions beside them."""
    frame = applied_to(None, "", shape)
    for info in packet.values(f"{MICROSOFT} RegionInfo"):
        if isinstance(info, str):
            continue
        for region in items(get(info, f"{MICROSOFT_INFO} Regions")):
            name = name_of(get(region, f"{MICROSOFT_REGION} PersonDisplayName"))
            rectangle = text_of(get(region, f"{MICROSOFT_REGION} Rectangle"))
            if not rectangle:
                continue  # somebody is said to be in the photo, not where
            yield _region(name, corner_box(rectangle), frame, "microsoft", False) or (name, "no-place")


def corner_box(rectangle: str) -> Box | None:
    """Microsoft's rectangle as x0, y0, x1, y1; None if it is none."""
    numbers = [_number(part) for part in rectangle.split(",")]
    if len(numbers) != 4:
        return None
    x, y, width, height = numbers
    return _inside((x, y, x + width, y + height))


def name_of(value: Element | str | None) -> str | None:
    name = text_of(value)
    return None if name in ("", _IGNORED) else name


def mark_of(region: Element, name: str) -> str:
    """What Mien says of a region that it wrote; empty for those of others."""
    extensions = get(region, f"{MWG} Extensions")
    return "" if extensions is None or isinstance(extensions, str) else text_of(get(extensions, f"{MIEN} {name}"))


def _region(
    name: str | None, box: Box | None, frame: Frame | None, source: Source, is_guess: bool
) -> FaceRegion | None:
    if box is None or frame is None:
        return None
    return FaceRegion(name, shown(box, frame.orientation), source, None if frame.is_certain else box, is_guess)


def _inside(box: Box) -> Box | None:
    """The box as far as it lies in the picture; None if half of it or more does not."""
    x0, y0, x1, y1 = box
    if not all(map(math.isfinite, box)) or x0 >= x1 or y0 >= y1:
        return None
    cut = max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0)
    return cut if cut[0] < cut[2] and cut[1] < cut[3] and 2 * _area(cut) > _area(box) else None


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _holds_centre(box: Box, other: Box) -> bool:
    return box[0] <= (other[0] + other[2]) / 2 <= box[2] and box[1] <= (other[1] + other[3]) / 2 <= box[3]


def _is_same_shape(width: float, height: float, other_width: float, other_height: float) -> bool:
    if other_width <= 0 or other_height <= 0:
        return False
    return abs(math.log(width / height) - math.log(other_width / other_height)) <= SAME_SHAPE


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
