"""The lazy post-processing gives what the published one does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.parsing.m2fp.postprocessing import CELL, LEAST, Instance, bilinear, find_instances
from mien.parsing.m2fp.queries import Queries
from tests.parsing.m2fp.published import HUMAN, Output, interpolate, part_and_human_outputs

NEAR_ZERO = 2e-5  # of the largest logit: rounding may decide there
NEAR_THRESHOLD = 2e-6

CLASSES = 21


def published(queries: Queries, width: int, height: int) -> dict[tuple[int, int], Output]:
    parts, humans = part_and_human_outputs(queries, width, height)
    return {(output.query, output.category): output for output in parts + humans}


def whole(instance: Instance, width: int, height: int) -> np.ndarray:
    """The mask in a map of the whole photo."""
    mask = np.zeros((height, width), bool)
    mask[instance.region] = instance.mask
    return mask


def assert_equal(queries: Queries, width: int, height: int, *, exactly: bool = False) -> int:
    """Same instances, scores and masks, to the last bit but where rounding decides. How many there are."""
    wanted = published(queries, width, height)
    found = {(instance.query, instance.label): instance for instance in find_instances(queries, width, height)}
    doubtful = set(wanted) ^ set(found)
    assert all(abs((wanted | found)[key].score - LEAST) < NEAR_THRESHOLD for key in doubtful)
    for key in set(wanted) & set(found):
        mask, logits = whole(found[key], width, height), wanted[key].logits
        differing = mask != (logits > 0)
        assert not differing.any() or (
            not exactly and np.abs(logits[differing]).max() < NEAR_ZERO * np.abs(queries.masks).max()
        )
        flipped = differing.sum() / max(mask.sum(), 1)  # each of these px moves the mask's mean by half its share
        assert found[key].score == pytest.approx(wanted[key].score, abs=2e-6 + flipped)
        assert found[key].area == mask.sum()
    return len(wanted)


def blobs(seed: int, count: int, cells: tuple[int, int], size: tuple[int, int], *, sure: float = 0.5) -> Queries:
    """Queries like the network's: smooth blobs of any place and size, this share of them sure of a class."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1, (count, CLASSES + 1)).astype(np.float32)
    classes = random.integers(0, CLASSES, count)
    logits[np.arange(count), np.where(random.random(count) < sure, classes, CLASSES)] += random.uniform(0, 9, count)
    y, x = np.mgrid[: cells[0], : cells[1]] / np.array(cells).reshape(2, 1, 1)
    centres, radii = random.uniform(-0.1, 1.1, (2, count, 1, 1)), random.uniform(0.02, 0.5, (2, count, 1, 1))
    distance = np.hypot((x - centres[0]) / radii[0], (y - centres[1]) / radii[1])
    rough = random.normal(0, 0.4, (count, *cells))
    masks = (8 * (1 - distance) + rough).clip(-9, 9).astype(np.float32)
    return Queries(logits, masks, size)


# Where numbers of few bits make all arithmetic exact, so are the masks: to the last bit, zeros included.


@given(
    seed=st.integers(0, 10**6),
    cells=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    cut=st.tuples(st.integers(0, 31), st.integers(0, 31)),
)
@settings(max_examples=60, deadline=None)
def test_masks_are_the_same_to_the_last_bit_where_arithmetic_is_exact(
    seed: int, cells: tuple[int, int], cut: tuple[int, int]
) -> None:
    random = np.random.default_rng(seed)
    height, width = 8 * cells[0], 8 * cells[1]
    masks = random.integers(-2, 3, (12, height, width)).astype(np.float32)
    logits = random.integers(-1, 6, (12, CLASSES + 1)).astype(np.float32)
    size = (CELL * width - cut[0], CELL * height - cut[1])
    assert_equal(Queries(logits, masks, size), *size, exactly=True)


@given(
    seed=st.integers(0, 10**6),
    count=st.sampled_from([1, 7, 100]),
    cells=st.tuples(st.sampled_from([8, 16, 24]), st.sampled_from([8, 16, 40])),
    cut=st.tuples(st.integers(0, 31), st.integers(0, 31)),
    photo=st.tuples(st.integers(1, 150), st.integers(1, 150)),
)
@settings(max_examples=60, deadline=None)
def test_outputs_are_the_same_at_any_size(
    seed: int, count: int, cells: tuple[int, int], cut: tuple[int, int], photo: tuple[int, int]
) -> None:
    size = (CELL * cells[1] - cut[0], CELL * cells[0] - cut[1])
    assert_equal(blobs(seed, count, cells, size), *photo)


@given(seed=st.integers(0, 10**6), scale=st.sampled_from([0.01, 1.0, 20.0]))
@settings(max_examples=40, deadline=None)
def test_outputs_are_the_same_for_noise(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(0, 3, (100, CLASSES + 1)).astype(np.float32)
    masks = random.normal(0, scale, (100, 8, 16)).astype(np.float32)
    assert_equal(Queries(logits, masks, (51, 30)), 70, 41)


@pytest.mark.parametrize(
    ("cells", "size", "photo"),
    [((160, 216), (853, 640), (853, 640)), ((216, 160), (640, 853), (768, 1024)), ((160, 160), (640, 640), (512, 512))],
)
def test_outputs_are_the_same_for_photos(cells: tuple[int, int], size: tuple[int, int], photo: tuple[int, int]) -> None:
    assert assert_equal(blobs(3, 40, cells, size), *photo) >= 10


# The edges of it.


def certain(queries: int, label: int, probability: float = 0.999) -> np.ndarray:
    """Class logits of queries that are all of one class with this probability, else nothing."""
    logits = np.full((queries, CLASSES + 1), -30, np.float32)
    logits[:, label], logits[:, CLASSES] = np.log(probability), np.log1p(-probability)
    return logits


def test_no_queries_no_instances() -> None:
    nothing = Queries(np.zeros((0, CLASSES + 1), np.float32), np.zeros((0, 8, 8), np.float32), (32, 32))
    assert find_instances(nothing, 20, 20) == []


def test_nothing_confident_no_instances() -> None:
    masks = np.full((5, 8, 8), 9, np.float32)
    assert find_instances(Queries(certain(5, 13, 0.09), masks, (32, 32)), 20, 20) == []


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_mask_without_a_positive_cell_is_no_instance(value: float) -> None:
    masks = np.full((1, 8, 8), value, np.float32)
    assert find_instances(Queries(certain(1, 13), masks, (32, 32)), 20, 20) == []


def test_a_mask_in_the_padding_is_no_instance() -> None:
    masks = np.full((1, 8, 8), -5, np.float32)
    masks[0, 6:, :] = 5
    queries = Queries(certain(1, 13), masks, (32, 20))
    assert find_instances(queries, 32, 20) == []
    assert_equal(queries, 32, 20)


def test_the_background_is_no_instance_but_takes_its_place_among_the_candidates() -> None:
    masks = np.full((101, 8, 8), 5, np.float32)
    logits = np.concatenate([certain(100, 0, 0.99), certain(1, 13, 0.5)])
    queries = Queries(logits, masks, (32, 32))
    assert find_instances(queries, 32, 32) == []
    assert assert_equal(queries, 32, 32) == 0


def test_one_query_may_be_of_several_classes() -> None:
    logits = np.full((1, CLASSES + 1), -30, np.float32)
    logits[0, [5, 7, HUMAN]] = np.log([0.4, 0.35, 0.25])
    queries = Queries(logits, np.full((1, 8, 8), 5, np.float32), (32, 32))
    assert [instance.label for instance in find_instances(queries, 32, 32)] == [5, 7, HUMAN]
    assert assert_equal(queries, 32, 32) == 3


def test_equal_scores_are_ordered_by_query_and_only_the_first_are_candidates() -> None:
    masks = np.full((150, 8, 8), 5, np.float32)
    queries = Queries(certain(150, 13, 0.9), masks, (32, 32))
    found = find_instances(queries, 32, 32)
    assert [instance.query for instance in found] == list(range(100))
    assert assert_equal(queries, 32, 32) == 100


def test_scores_are_class_times_mean_mask_probability() -> None:
    masks = np.full((1, 8, 8), -3, np.float32)
    masks[0, :, :4] = np.log(3)
    (instance,) = find_instances(Queries(certain(1, 13, 0.8), masks, (32, 32)), 8, 8)
    assert instance.certainty == pytest.approx(0.8)
    assert instance.score == pytest.approx(0.8 * 0.75, abs=0.05)
    assert whole(instance, 8, 8)[:, :4].all()
    assert instance.area == 32


def test_broken_numbers_are_nobody() -> None:
    logits = np.full((2, CLASSES + 1), np.nan, np.float32)
    assert find_instances(Queries(logits, np.ones((2, 8, 8), np.float32), (32, 32)), 32, 32) == []


@pytest.mark.parametrize(("source", "wanted"), [(1, 5), (5, 1), (8, 8), (160, 640), (213, 100), (7, 30)])
def test_interpolation_is_a_mean_of_neighbours(source: int, wanted: int) -> None:
    matrix = bilinear(source, wanted)
    assert matrix.sum(1) == pytest.approx(np.ones(wanted))
    assert ((matrix > 0).sum(1) <= 2).all()
    ramp = np.arange(source, dtype=float)[None, :, None]
    assert matrix @ ramp[0] == pytest.approx(interpolate(ramp, wanted, 1)[0])


def test_the_restatement_interpolates_as_the_published_program_does() -> None:
    torch = pytest.importorskip("torch", reason="the published program's own interpolation comes with PyTorch")
    masks = np.random.default_rng(0).normal(0, 3, (3, 8, 11)).astype(np.float32)
    for height, width in ((32, 44), (5, 3), (8, 11), (100, 17)):
        theirs = torch.nn.functional.interpolate(torch.from_numpy(masks)[None], (height, width), mode="bilinear")[0]
        assert interpolate(masks, height, width) == pytest.approx(theirs.numpy(), abs=1e-5)
