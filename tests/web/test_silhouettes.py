"""Silhouettes: paths that a browser fills are the masks they were made of."""

import re

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mien.parsing.parse import BAG, LANDMARKS, PART_ID, Parse
from mien.web.pages.silhouettes import Silhouette, path_of, silhouettes

WIDTH, HEIGHT = 60, 40
PATH = re.compile(r"(M-?\d+ -?\d+l-?\d+[ -]\d+([ -]\d+[ -]\d+)*z)*")

Mask = NDArray[np.bool_]


def rings_of(path: str) -> list[NDArray[np.int32]]:
    """The absolute points of each closed line."""
    assert PATH.fullmatch(path), path
    rings = []
    for ring in path.split("z")[:-1]:
        start, steps = ring[1:].split("l")
        pairs = np.array(re.findall(r"-?\d+", start + " " + steps), np.int32).reshape(-1, 2)
        rings.append(np.cumsum(pairs, axis=0, dtype=np.int32))
    return rings


def painted(path: str, width: int = WIDTH, height: int = HEIGHT) -> Mask:
    """Filled by even and odd, with its lines: what a browser shows."""
    canvas = np.zeros((height, width), np.uint8)
    if path:
        cv2.fillPoly(canvas, rings_of(path), 1)
    return canvas.astype(bool)


def rim(mask: Mask) -> Mask:
    """All px within 2 px of where the mask begins or ends."""
    kernel = np.ones((5, 5), np.uint8)
    framed = np.pad(mask.astype(np.uint8), 2)
    near = cv2.dilate(framed, kernel) != cv2.erode(framed, kernel)
    return np.asarray(near[2:-2, 2:-2], bool)


def blank() -> Mask:
    return np.zeros((HEIGHT, WIDTH), bool)


def rectangle(x0: int, y0: int, x1: int, y1: int) -> Mask:
    mask = blank()
    mask[y0:y1, x0:x1] = True
    return mask


def ring() -> Mask:
    mask = rectangle(5, 5, 35, 35)
    mask[12:28, 12:28] = False
    return mask


@pytest.mark.parametrize(
    ("mask", "path"),
    [
        (blank(), ""),
        (rectangle(7, 3, 8, 4), ""),  # a speck has no inside
        (rectangle(2, 3, 12, 9), "M2 3l0 5 9 0 0-5z"),
        (rectangle(0, 0, WIDTH, HEIGHT), f"M0 0l0 {HEIGHT - 1} {WIDTH - 1} 0 0-{HEIGHT - 1}z"),
    ],
)
def test_a_rectangle_has_four_corners_and_a_speck_none(mask: Mask, path: str) -> None:
    assert path_of(mask) == path


def test_an_offset_moves_the_path() -> None:
    assert path_of(rectangle(0, 0, 10, 6), (100, 50)) == "M100 50l0 5 9 0 0-5z"


def test_a_hole_stays_open_and_what_stands_in_it_is_filled() -> None:
    mask = ring()
    mask[17:24, 17:24] = True
    shown = painted(path_of(mask))
    assert not ((shown ^ mask) & ~rim(mask)).any()
    assert (shown[8, 20], shown[14, 20], shown[20, 20]) == (True, False, True)


rectangles = st.tuples(
    st.booleans(),
    st.integers(0, WIDTH - 1),
    st.integers(0, HEIGHT - 1),
    st.integers(1, WIDTH),
    st.integers(1, HEIGHT),
)


@given(st.lists(rectangles, max_size=8), st.booleans())
def test_a_painted_path_is_the_mask_up_to_its_rim(steps: list[tuple[bool, int, int, int, int]], round_it: bool) -> None:
    canvas = blank().astype(np.uint8)
    for add, x, y, width, height in steps:
        if round_it:
            cv2.ellipse(canvas, (x, y), (width // 2, height // 2), 0, 0, 360, int(add), -1)
        else:
            canvas[y : y + height, x : x + width] = add
    mask = canvas.astype(bool)
    wrong = painted(path_of(mask)) ^ mask
    assert not (wrong & ~rim(mask)).any()


def parse_of(figures: NDArray[np.uint16], parts: NDArray[np.uint8], n: int) -> Parse:
    return Parse(
        figures=figures,
        parts=parts,
        boxes=np.zeros((n, 4), np.float32),
        scores=np.ones(n, np.float32),
        areas=np.zeros((n, BAG + 1), np.int32),
        confidences=np.zeros((n, BAG + 1), np.float32),
        uncertain=np.zeros(n, np.float32),
        poses=np.full((n, LANDMARKS, 3), np.nan, np.float32),
    )


def test_nobody_has_no_silhouette() -> None:
    assert silhouettes(Parse.empty(30, 20)) == ()


def test_each_figure_has_an_outline_and_its_parts() -> None:
    figures, parts = np.zeros((HEIGHT, WIDTH), np.uint16), np.zeros((HEIGHT, WIDTH), np.uint8)
    figures[5:35, 5:20] = 1
    parts[5:12, 5:20] = PART_ID["hair"]
    parts[12:35, 5:20] = PART_ID["coat"]
    figures[5:35, 20:40] = 3  # the second is hidden wholly behind the others
    parts[20:35, 20:40] = PART_ID["coat"]  # of its upper half it is not known what it is
    first, hidden, third = silhouettes(parse_of(figures, parts, 3))
    assert hidden == Silhouette("", {})
    for silhouette, figure in ((first, 1), (third, 3)):
        np.testing.assert_array_equal(painted(silhouette.outline), figures == figure)
        for part, path in silhouette.parts.items():
            np.testing.assert_array_equal(painted(path), (figures == figure) & (parts == PART_ID[part]))
    assert set(first.parts) == {"hair", "coat"}
    assert set(third.parts) == {"coat"}


def test_a_crowd_of_all_sizes_fits_into_a_page() -> None:
    rng = np.random.default_rng(5)
    figures, parts = np.zeros((768, 1024), np.uint16), np.zeros((768, 1024), np.uint8)
    for figure in range(1, 61):
        centre = int(rng.integers(0, 1024)), int(rng.integers(0, 768))
        axes = int(rng.integers(5, 60)), int(rng.integers(10, 150))
        body = cv2.ellipse(np.zeros((768, 1024), np.uint8), centre, axes, 0, 0, 360, 1, -1).astype(bool)
        figures[body] = figure
        parts[body] = rng.integers(1, 20, (768 // 16, 1024 // 16)).repeat(16, 0).repeat(16, 1)[body]
    shown = silhouettes(parse_of(figures, parts, 60))
    assert sum(len(s.outline) + sum(map(len, s.parts.values())) for s in shown) < 200_000
