"""What people in Clothing Co-Parsing really wear, beside what the engine's parses of them measure."""

import pickle
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faces.face import Face
from mien.faces.finder import FaceFinder
from mien.parsing.lite.engine import LiteParser
from mien.parsing.parse import BAG, Parse
from mien.photo.photo import Metadata, Photo
from mien.traits.cuts import denim
from mien.traits.garments import PANTS
from mien.traits.measures import GROUPS, hair_reach, levels_of, limb_cover, measures
from mien.traits.regions import FigureView, figure_views
from mien.traits.weave import weave
from training.labels import BAGS, GARMENTS, IGNORED, SHOES, part_labels
from training.source import label_names, rows

Labels = NDArray[np.uint8]

OWN = 0.25  # share of a figure on labelled px; one with less is a passer-by, whom nobody labelled
LEAST_BODY, LEAST_SMALL = 500, 30  # px of a figure to learn from, and of one in a smaller copy
CROPS = ((0.0, 0.3, 0.6), (0.0, 0.6, 0.9), (0.12, 0.5, 1.0), (0.0, 0.2, 0.4))
"""Photos end anywhere: kept from the first share of the figure's height, to between the others; of the third kind the
figure begins between the first two."""

HEIGHTS = (40, 60, 90, 130, 200, 400)
"""Px of somebody standing, the root of whose area is `OF_HEIGHT` of that: photos are shrunk until people are so."""

OF_HEIGHT = 0.42
BLUR, QUALITY = (0.25, 0.8), (60, 92)
"""What a small picture has of each: a Gaussian's σ in px, none below the first; of JPEG."""

THINGS = {
    "hat": "hat",
    "glasses": "glasses sunglasses",
    "scarf": "scarf",
    "bag": BAGS,
    "gloves": "gloves",
    "socks": "socks stockings tights",
    "shoes": SHOES,
}
SMALL = {"glasses", "gloves", "socks"}  # any px counts; of others two thousandths of the figure
LOWER = {"pants": "pants leggings", "jeans": "jeans", "shorts": "shorts", "skirt": "skirt"}
LAID_OUT = ("dress romper", GARMENTS["upper-clothes"], GARMENTS["coat"], "jeans pants leggings", "skirt", "shorts")


@dataclass(frozen=True, eq=False)
class Example:
    """One person, or part of one.

    Attributes:
        file, split: the photo.
        height: see `HEIGHTS`; None of a photo as it is.
        measured: see `measures` and `denim`.
        truth: question → answer, where the labels tell it.
    """

    file: str
    split: str
    height: int | None
    measured: Mapping[str, float]
    truth: Mapping[str, str]


class Observer:
    """The engine's parses of photos and their faces; what was once seen is kept in a folder."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._parser, self._finder = LiteParser(), FaceFinder()

    def see(self, name: str, pixels: NDArray[np.uint8]) -> tuple[Photo, Parse, Face | None] | None:
        """The photo, a parse of its largest figure alone, and that one's face; None if there is nobody."""
        photo = Photo(name, Metadata("JPEG", pixels.shape[1], pixels.shape[0]), pixels, "")
        file = self._kept / f"{name}.pkl"
        if not file.exists():
            parse = self._parser.parse(pixels)
            file.write_bytes(pickle.dumps((parse.to_bytes(), list(self._finder.find(photo, parse)))))
        stored, faces = pickle.loads(file.read_bytes())
        parse = Parse.from_bytes(stored)
        if not len(parse):
            return None
        largest = int(parse.areas[:, 1:].sum(axis=1).argmax())
        return photo, only(parse, largest), faces[largest]


def people(data: Path, split: str, observer: Observer) -> Iterator[tuple[str, FigureView, Example]]:
    """Every labelled person of a split, whole and cut off twice: its file, how it is seen, and the example.

    Then the same in smaller copies of the photo: at each of `HEIGHTS` for validation, at one in turn for training.
    """
    random = np.random.default_rng(1)
    names = label_names(data)
    for i, row in enumerate(rows(data, split)):
        stem, pixels = Path(row["file"]).stem, read(data / row["file"])
        found = observer.see(stem, pixels)
        if found is None:
            continue
        photo, parse, _ = found
        labels = np.asarray(cv2.resize(read_labels(data, row), parse.size, interpolation=cv2.INTER_NEAREST), np.uint8)
        pose = parse.poses[0] * np.array([*parse.size, 1])
        if not _is_labelled(parse, labels) or not np.isfinite(pose).all():
            continue
        parts = part_labels(labels, names, pose)
        parts[(parts == IGNORED) | (parts == BAG)] = 0
        truths = {}
        for span in _spans(parse, random):
            here = np.zeros_like(labels)
            here[slice(*span)] = labels[slice(*span)]
            true = np.where(here > 0, parts, 0).astype(np.uint8)
            if true.any():
                truths[span] = answers(true_view(photo, cropped(parse, span), true), here, names)
        for height in (None, *(HEIGHTS if split == "val" else HEIGHTS[i % len(HEIGHTS) :][:1])):
            if height is not None:
                unit = np.sqrt(parse.areas[0, 1:BAG].sum()) * pixels.shape[1] / parse.size[0]
                small = smaller(pixels, round(height * OF_HEIGHT) / unit, f"{stem}{height}")
                if small is None or (found := observer.see(f"{stem}-{height}", small)) is None:
                    continue
            seen = _cut(*found, truths, labels, least=LEAST_BODY if height is None else LEAST_SMALL)
            for view, measured, truth in seen:
                yield row["file"], view, Example(row["file"], split, height, measured, truth)


def _spans(parse: Parse, random: np.random.Generator) -> list[tuple[int, int]]:
    """Rows: all of them, and two crops."""
    height = len(parse.figures)
    below, above = np.flatnonzero((parse.figures > 0).any(axis=1))[[0, -1]]
    spans = [(0, height)]
    for kind in random.integers(len(CROPS), size=2):
        start, low, high = CROPS[kind]
        cut = int(below + (above + 1 - below) * random.uniform(start if high == 1 else low, low if high == 1 else high))
        spans.append((cut, height) if high == 1 else (0, cut))
    return spans


def _cut(
    photo: Photo,
    parse: Parse,
    face: Face | None,
    truths: Mapping[tuple[int, int], dict[str, str]],
    labels: Labels,
    least: int,
) -> Iterator[tuple[FigureView, dict[str, float], dict[str, str]]]:
    """How the figure is seen and measured in each span of rows, which are those of `labels`, and what is true there."""
    height = len(parse.figures)
    if not _is_labelled(parse, labels):
        return
    for rows_, truth in truths.items():
        start, end = (round(row * height / len(labels)) for row in rows_)
        seen = cropped(parse, (start, end))
        if seen.areas[0, 1:BAG].sum() < least:
            continue
        within = face is not None and face.box[1] * height >= start and face.box[3] * height <= end
        [view] = figure_views(replace(photo), seen)
        yield view, measures(view, face if within else None) | denim(view, weave(view, PANTS)), truth


def _is_labelled(parse: Parse, labels: Labels) -> bool:
    here = cv2.resize(labels, parse.size, interpolation=cv2.INTER_NEAREST)
    return bool((here[parse.figures > 0] > 0).mean() >= OWN)


def smaller(pixels: Labels, scale: float, name: str) -> Labels | None:
    """A smaller copy, a little blurred, stored as JPEG and read again, always the same of a name; None if larger."""
    if scale >= 1:
        return None
    random = np.random.default_rng(zlib.crc32(name.encode()))
    size = tuple(max(8, round(side * scale)) for side in pixels.shape[1::-1])
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    if (blur := random.uniform(0, BLUR[1])) > BLUR[0]:
        small = cv2.GaussianBlur(small, (0, 0), blur)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(QUALITY[0], QUALITY[1] + 1))]
    _, stored = cv2.imencode(".jpg", np.ascontiguousarray(small[:, :, ::-1]), quality)
    return np.ascontiguousarray(cv2.imdecode(stored, cv2.IMREAD_COLOR)[:, :, ::-1])


def laid_out(data: Path, split: str, observer: Observer) -> Iterator[Example]:
    """Garments cut out of every second photo, on a plain ground: those in which the engine sees somebody."""
    random = np.random.default_rng(0)
    names = label_names(data)
    for row in rows(data, split)[::2]:
        labels = read_labels(data, row)
        masks = [np.isin(labels, [names.index(word) for word in words.split()]) for words in LAID_OUT]
        masks = [mask for mask in masks if mask.mean() > 0.03]
        if not masks:
            continue
        picture = product_shot(read(data / row["file"]), masks[random.integers(len(masks))], random)
        found = observer.see(f"laid-out-{Path(row['file']).stem}", picture)
        if found is not None:
            [view] = figure_views(found[0], found[1])
            yield Example(
                row["file"], split, None, measures(view, found[2]) | denim(view, weave(view, PANTS)), {"somebody": "no"}
            )


def product_shot(pixels: NDArray[np.uint8], mask: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.uint8]:
    """What is masked, 480×640 px, large, on white or another colour."""
    whole = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    x, y, width, height = cv2.boundingRect(whole)
    crop = np.s_[y : y + height, x : x + width]
    opaque = cv2.GaussianBlur(whole[crop].astype(np.float32), (3, 3), 0)
    scale = min(480 * random.uniform(0.5, 0.95) / width, 640 * random.uniform(0.5, 0.95) / height)
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    garment = cv2.resize(pixels[crop].astype(np.float32), size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(opaque, size)[..., None]
    ground = 255 * np.ones(3) if random.random() < 0.6 else random.integers(0, 256, 3)
    picture = np.ones((640, 480, 3)) * ground
    left, top = (480 - size[0]) // 2, (640 - size[1]) // 2
    at = np.s_[top : top + size[1], left : left + size[0]]
    picture[at] = garment * alpha + picture[at] * (1 - alpha)
    return np.clip(picture, 0, 255).astype(np.uint8)


def answers(view: FigureView, labels: Labels, names: list[str]) -> dict[str, str]:
    """What the labels say of what is in the picture. `view`: with the true parts."""
    labelled = max(1, np.count_nonzero(labels))

    def share(words: str) -> float:
        return float(np.isin(labels, [names.index(word) for word in words.split()]).sum()) / labelled

    def yes(so: bool) -> str:
        return "yes" if so else "no"

    found = {name: yes(share(words) >= (1e-9 if name in SMALL else 0.002)) for name, words in THINGS.items()}
    found |= {"coat": yes(share(GARMENTS["coat"]) >= 0.05), "dress": yes(share(GARMENTS["dress"]) >= 0.06)}
    lower = {name: share(words) for name, words in LOWER.items()}
    best = max(lower, key=lambda name: lower[name])
    if lower[best] >= 0.03:
        found["lower"] = "pants" if best == "jeans" else best
        if best in ("jeans", "pants"):
            found["jeans"] = yes(best == "jeans")
    elif found["dress"] == "yes":
        found["lower"] = "dress"
    found |= _bareness(view) | {"somebody": "yes"}
    if hems := _hems(view, labelled):
        found |= hems
    if view.area(GROUPS["face"]) > 50 and found["hat"] == "no":
        hair, reach = view.area(GROUPS["hair"]), hair_reach(view)
        if hair < 0.03 * (hair + view.area(GROUPS["face"])):
            found["hair_length"] = "none"
        elif reach is not None:
            found["hair_length"] = "long" if reach > 0 else "short"
    return found


def _bareness(view: FigureView) -> dict[str, str]:
    """Three-quarter sleeves are neither short nor long."""
    found = {}
    (upper, _, sees_upper), (fore, _, sees_fore), (shin, _, sees_shin) = (
        limb_cover(view, *limb) for limb in ((0, 1), (1, 2), (4, 5))
    )
    if sees_upper and sees_fore:
        found["arms"] = "bare" if (upper + 2 * fore) / 3 > 0.5 else "covered"
        if upper > 0.6:
            found["sleeves"] = "sleeveless"
        elif fore < 0.35 or fore > 0.6:
            found["sleeves"] = "long-sleeved" if fore < 0.35 else "short-sleeved"
    if sees_shin:
        found["legs"] = "bare" if shin > 0.5 else "covered"
    return found


def _hems(view: FigureView, labelled: int) -> dict[str, str]:
    levels = levels_of(view)
    found = {}
    for garment in ("dress", "skirt", "coat"):
        seen = view.rows(GROUPS[garment])
        if levels is None or seen is None or view.area(GROUPS[garment]) < 0.02 * labelled:
            continue
        level = levels(seen[1])
        if level < levels.last or levels.last == 3:
            found[f"hem of {garment}"] = "short" if level < 2.0 else "long"
    return found


def true_view(photo: Photo, parse: Parse, parts: Labels) -> FigureView:
    """The figure as its labels have it."""
    areas = np.bincount(parts.ravel(), minlength=BAG + 1).astype(np.int32)
    areas[0] = 0
    mask = (parts > 0).astype(np.uint16)
    [view] = figure_views(replace(photo), replace(parse, figures=mask, parts=parts, areas=areas[None]))
    return view


def cropped(parse: Parse, span: tuple[int, int]) -> Parse:
    """As if the photo had only these rows."""
    figures, parts, poses = parse.figures.copy(), parse.parts.copy(), parse.poses.copy()
    for labels in (figures, parts):
        labels[: span[0]] = 0
        labels[span[1] :] = 0
    rows_of = poses[0, :, 1] * len(figures)
    poses[0, (rows_of < span[0]) | (rows_of >= span[1]), 2] = 0
    areas = np.bincount(parts.ravel(), minlength=BAG + 1).astype(np.int32)[None]
    areas[0, 0], areas[0, BAG] = 0, parse.areas[0, BAG]
    confidences = np.where(areas > 0, parse.confidences, 0).astype(np.float32)
    return replace(parse, figures=figures, parts=parts, poses=poses, areas=areas, confidences=confidences)


def only(parse: Parse, figure: int) -> Parse:
    """The parse with one of its figures."""
    mine = parse.mask(figure)
    fields: dict[str, Any] = {
        name: getattr(parse, name)[[figure]]
        for name in ("boxes", "scores", "areas", "confidences", "uncertain", "poses")
    }
    return Parse(figures=mine.astype(np.uint16), parts=np.where(mine, parse.parts, np.uint8(0)), **fields)


def read(file: Path) -> NDArray[np.uint8]:
    """RGB px."""
    return np.ascontiguousarray(cv2.imread(str(file))[:, :, ::-1])


def read_labels(data: Path, row: Mapping[str, str]) -> Labels:
    return np.asarray(cv2.imread(str(data / row["mask_file"]), cv2.IMREAD_UNCHANGED), np.uint8)
