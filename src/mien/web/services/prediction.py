"""What `/predict` answers, made in a worker process from the bytes of a photo."""

import base64
import json

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mien.indexing.stages import MakeChain
from mien.indexing.work import loaded
from mien.parsing.enlarge import enlarge
from mien.parsing.overlay import PALETTE
from mien.parsing.parse import Parse
from mien.parsing.parser import Parser
from mien.photo.limits import Limits
from mien.photo.reading import read_photo
from mien.web.services.png import encode

LIMITS = Limits(max_bytes=128 << 20, max_pixels=100_000_000, max_memory=1_400_000_000)
"""Less than indexing takes: masks have the photo's full size, and the bytes wait in memory for their turn."""

DIGITS = 4
"""Of confidences."""

_WHITE = np.array([0, 255], np.uint8)


def predict(data: bytes, name: str, make_chain: MakeChain, engine: str) -> bytes:
    """What `prediction` says, by an engine's networks, loaded once per process."""
    return prediction(data, name, loaded(make_chain, engine).parser)


def prediction(data: bytes, name: str, parser: Parser) -> bytes:
    """The answer as JSON, for a photo file called `name`.

    `masks` are ordered by person, then by part. Raises `UnreadablePhoto`.
    """
    photo = read_photo(data, name=name, limits=LIMITS)
    parse = parser.parse(photo.pixels)
    width, height = photo.metadata.width, photo.metadata.height
    if not len(parse):
        nobody = np.zeros((0, 0), np.uint8)
        return _json([], encode(nobody, 0, 0, width, height, PALETTE))
    figures, parts = enlarge(parse, width, height)
    boxes = ndimage.find_objects(figures, len(parse))  # None for one so small or hidden that nothing is left of it
    masks = [
        mask
        for figure, box in enumerate(boxes)
        if box is not None
        for mask in _masks(parse, figure, figures, parts, box)
    ]
    return _json(masks, _colour_map(parts))


def _masks(
    parse: Parse, figure: int, figures: NDArray[np.uint16], parts: NDArray[np.uint8], box: tuple[slice, ...]
) -> list[dict[str, int | float | str]]:
    """Every part that is seen of the figure within `box` (rows, columns)."""
    height, width = parts.shape
    mine = np.where(figures[box] == figure + 1, parts[box], np.uint8(0))
    return [
        {
            "category_id": part,
            "mask": _base64(_mask(mine[place] == part, box, place, width, height)),
            "confidence": round(float(parse.confidences[figure, part]), DIGITS),
            "person_id": figure + 1,
        }
        for part, place in enumerate(ndimage.find_objects(mine), 1)
        if place is not None
    ]


def _mask(shown: NDArray[np.bool_], box: tuple[slice, ...], place: tuple[slice, ...], width: int, height: int) -> bytes:
    """White where `shown` is set, which lies at `place` within `box` (rows, columns)."""
    top, left = (outer.start + inner.start for outer, inner in zip(box, place, strict=True))
    return encode(shown.view(np.uint8), left, top, width, height, _WHITE)


def _colour_map(parts: NDArray[np.uint8]) -> bytes:
    """The parts in the colours of `mien.parsing.overlay`, on black."""
    height, width = parts.shape
    rows, columns = next(iter(ndimage.find_objects((parts > 0).view(np.uint8))), (slice(0, 0), slice(0, 0)))
    return encode(parts[rows, columns], columns.start, rows.start, width, height, PALETTE)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _json(masks: list[dict[str, int | float | str]], visualization: bytes) -> bytes:
    answer = {"masks": masks, "visualization": _base64(visualization)}
    return json.dumps(answer, separators=(",", ":")).encode("ascii")
