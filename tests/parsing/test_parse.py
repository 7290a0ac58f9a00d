"""The `Parse` value: what it refuses, what it answers, and its lossless bytes."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.parsing.parse import BAG, LANDMARKS, PART_ID, PARTS, Parse


def make(width: int, height: int, n: int, seed: int) -> Parse:
    random = np.random.default_rng(seed)
    figures = random.integers(0, n + 1, (height, width)).astype(np.uint16)
    return Parse(
        figures=figures,
        parts=np.where(figures > 0, random.integers(0, len(PARTS), figures.shape), 0).astype(np.uint8),
        boxes=random.random((n, 4), np.float32),
        scores=random.random(n, np.float32),
        areas=random.integers(0, 99, (n, BAG + 1)).astype(np.int32),
        confidences=random.random((n, BAG + 1), np.float32),
        uncertain=random.random(n, np.float32),
        poses=np.full((n, LANDMARKS, 3), np.nan, np.float32),
    )


parses = st.builds(make, st.integers(1, 40), st.integers(1, 40), st.integers(0, 4), st.integers(0, 9))


def test_labels_are_the_nineteen_of_cihp() -> None:
    assert len(PARTS) == 20
    assert (PARTS[0], PARTS[1], PARTS[13], PARTS[19]) == ("background", "hat", "face", "right-shoe")
    assert PART_ID["scarf"] == 11


def test_an_empty_parse() -> None:
    parse = Parse.empty(7, 5)
    assert (len(parse), parse.size) == (0, (7, 5))
    assert len(Parse.from_bytes(parse.to_bytes())) == 0
    with pytest.raises(IndexError):
        parse.mask(0)


@given(parses)
def test_bytes_keep_everything(parse: Parse) -> None:
    data = parse.to_bytes()
    back = Parse.from_bytes(data)
    for field in dataclasses.fields(Parse):
        np.testing.assert_array_equal(getattr(back, field.name), getattr(parse, field.name))
    assert back.to_bytes() == data


@settings(max_examples=400, deadline=None)
@given(st.binary(min_size=1, max_size=4).map(lambda b: bytes(max(1, x) for x in b)), st.integers(0, 1 << 20))
def test_damage_is_told_as_such(noise: bytes, at: int) -> None:
    """Whatever a disk does to a stored parse: it comes back as it was, or is refused."""
    parse = make(30, 20, 3, 1)
    data = bytearray(parse.to_bytes())
    for i, bits in enumerate(noise):
        data[(at + i) % len(data)] ^= bits
    try:
        back = Parse.from_bytes(bytes(data))
    except ValueError:
        return
    for field in dataclasses.fields(Parse):
        np.testing.assert_array_equal(getattr(back, field.name), getattr(parse, field.name))


def test_a_parse_cut_short_is_refused() -> None:
    data = make(30, 20, 3, 1).to_bytes()
    for end in range(0, len(data), 7):
        with pytest.raises(ValueError):
            Parse.from_bytes(data[:end])


def test_label_maps_are_stored_small() -> None:
    assert len(Parse.empty(1024, 768).to_bytes()) < 20_000


@given(parses)
def test_masks_of_figures_share_no_pixel_and_parts_make_up_their_figure(parse: Parse) -> None:
    together = sum((parse.mask(i).astype(int) for i in range(len(parse))), np.zeros(parse.figures.shape, int))
    assert together.max(initial=0) <= 1
    for i in range(len(parse)):
        parts = [parse.mask(i, part) for part in range(len(PARTS))]
        np.testing.assert_array_equal(np.logical_or.reduce(parts), parse.mask(i))
    if len(parse):
        np.testing.assert_array_equal(parse.mask(0, "hat"), parse.mask(0, 1))


@pytest.mark.parametrize(
    "change",
    [
        {"figures": np.zeros((5, 2000), np.uint16)},
        {"figures": np.zeros((5, 7), np.uint8)},
        {"figures": np.full((5, 7), 3, np.uint16)},
        {"parts": np.zeros((5, 6), np.uint8)},
        {"parts": np.full((5, 7), 20, np.uint8)},
        {"figures": np.zeros((5, 7), np.uint16), "parts": np.ones((5, 7), np.uint8)},
        {"scores": np.zeros(3, np.float32)},
        {"boxes": np.zeros((2, 4), np.float64)},
    ],
)
def test_what_does_not_fit_together_is_refused(change: dict[str, np.ndarray]) -> None:
    good = make(7, 5, 2, 0)
    with pytest.raises(ValueError):
        dataclasses.replace(good, **change)


@pytest.mark.parametrize("data", [b"", b"nonsense", make(3, 3, 1, 0).to_bytes()[:-40]])
def test_damaged_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        Parse.from_bytes(data)


def test_a_parse_cannot_be_changed() -> None:
    with pytest.raises(ValueError):
        make(3, 3, 1, 0).figures[0, 0] = 1
