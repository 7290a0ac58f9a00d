"""The engine as a whole, with a network that says what it is told: photo → parse, and what builds on it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.errors import MienError, ModelError
from mien.faces.finder import FaceFinder
from mien.parsing.engines import create_parser
from mien.parsing.lite.engine import LiteParser
from mien.parsing.m2fp.engine import M2fpParser, load_parser
from mien.parsing.m2fp.queries import Queries
from mien.parsing.m2fp.runtime import PRECISIONS
from mien.parsing.parse import LONG_SIDE, Parse
from mien.people.anchors import anchor_of, carry_over
from mien.people.grouping import group
from mien.people.sighting import Sighting
from mien.photo.photo import Metadata, Photo
from mien.traits.appearance import appearance_distance, appearance_vector
from mien.traits.article import article_features
from mien.traits.describe import describe
from mien.traits.traits import Place
from tests.parsing.m2fp.scenes import Maps, Sights, agreement, check, seen

Pixels = NDArray[np.uint8]


class Told:
    """A network that says the same of every photo."""

    fingerprint = "told"

    def __init__(self, queries: Queries) -> None:
        self.queries = queries
        self.asked: list[tuple[tuple[int, ...], tuple[int, int]]] = []

    def __call__(self, batch: NDArray[np.float32], size: tuple[int, int]) -> Queries:
        self.asked.append((batch.shape, size))
        return self.queries


@pytest.fixture(scope="module")
def lite(astronaut: Pixels) -> Parse:
    return LiteParser().parse(astronaut)


@pytest.fixture(scope="module")
def maps(lite: Parse) -> Maps:
    """What is to be seen in the photo: an answer that a network could give."""
    return lite.figures.copy(), lite.parts.copy()


@pytest.fixture(scope="module")
def parse(maps: Maps, astronaut: Pixels) -> Parse:
    return M2fpParser(Told(seen(maps))).parse(astronaut)


def photo(pixels: Pixels) -> Photo:
    return Photo("0" * 64, Metadata("PNG", pixels.shape[1], pixels.shape[0]), pixels, "0" * 16)


def test_one_woman_is_one_figure(parse: Parse, maps: Maps) -> None:
    check(parse)
    assert parse.size == (512, 512)
    assert agreement(maps, parse.figures) == pytest.approx(np.ones((1, 1)), abs=0.05)
    assert (parse.parts == maps[1]).mean() > 0.97
    assert parse.scores[0] > 0.9


def test_the_network_is_given_the_photo_as_published(maps: Maps, astronaut: Pixels) -> None:
    network = Told(seen(maps))
    M2fpParser(network).parse(astronaut)
    assert network.asked == [((1, 3, 640, 640), (640, 640))]


def test_her_pose_is_known(parse: Parse, lite: Parse) -> None:
    assert np.abs(parse.poses - lite.poses)[0, :13, :2].max() < 0.03


def test_faces_traits_and_people_come_of_it_as_of_any_parse(parse: Parse, lite: Parse, astronaut: Pixels) -> None:
    picture, finder = photo(astronaut), FaceFinder()
    sightings, clothes = [], []
    for name, seen_by in (("one", parse), ("other", lite)):
        (face,) = finder.find(picture, seen_by)
        assert face is not None
        (traits,) = describe(picture, seen_by, [face])
        clothes.append({place: worn.garment for place, worn in traits.clothing.items() if place in get_args(Place)})
        place = anchor_of(seen_by, 0, photo_id=name, face=face.box, perceptual_hash=picture.perceptual_hash)
        (appearance,), (article,) = appearance_vector(picture, seen_by), article_features(picture, seen_by, [traits])
        known = {"face_vector": face.vector, "face_usable": face.quality.usable, "appearance": appearance}
        sightings.append(Sighting(name, place, article=article, **known))
    assert clothes[0] == clothes[1]
    assert clothes[0]
    one, other = sightings
    assert float(appearance_distance(one.appearance, other.appearance)) < 0.1
    assert len(group(sightings).people) == 1
    assert carry_over({"her": replace(other.place, photo_id="one")}, [one.place]) == ["her"]


def test_two_people_are_two_figures_with_their_faces(maps: Maps, astronaut: Pixels) -> None:
    pair = np.hstack([astronaut[:, :420], astronaut[:, :420]])
    halves = [np.hstack([m[:, :420], m[:, :420]]) for m in maps]
    halves[0][:, 420:] *= 2
    parse = M2fpParser(Told(seen((halves[0], halves[1])))).parse(pair)
    check(parse)
    assert len(parse) == 2
    assert all(face is not None for face in FaceFinder().find(photo(pair), parse))


@pytest.mark.parametrize("size", [(1, 1), (2, 7), (10, 3000), (64, 64)])
def test_photos_without_people_never_reach_the_network(maps: Maps, size: tuple[int, int]) -> None:
    network = Told(seen(maps))
    nobody = M2fpParser(network).parse(np.full((*size, 3), 128, np.uint8))
    assert len(nobody) == 0
    assert max(nobody.size) <= LONG_SIDE
    assert network.asked == []


def test_a_network_that_sees_nobody_is_believed(astronaut: Pixels) -> None:
    nobody = M2fpParser(Told(Sights(512, 512).queries())).parse(astronaut)
    assert len(nobody) == 0
    assert nobody.size == (512, 512)


def test_a_faint_sight_counts_where_the_first_look_saw_a_face(maps: Maps, astronaut: Pixels) -> None:
    faint = Sights(512, 512).add(20, maps[0] > 0, 0.25).queries()
    assert len(M2fpParser(Told(faint)).parse(astronaut)) == 1


def test_maps_follow_the_photo_up_to_their_largest_size(maps: Maps, astronaut: Pixels) -> None:
    large = M2fpParser(Told(seen(maps))).parse(np.kron(astronaut, np.ones((4, 3, 1), np.uint8)))
    check(large)
    assert large.size == (768, 1024)
    assert len(large) == 1


def test_the_same_photo_gives_the_same_parse(maps: Maps, parse: Parse, astronaut: Pixels) -> None:
    assert M2fpParser(Told(seen(maps))).parse(astronaut.copy()).to_bytes() == parse.to_bytes()


@pytest.mark.parametrize(
    "change",
    [
        lambda patch: patch.setattr("mien.parsing.m2fp.engine.VERSION", "another"),
        lambda patch: patch.setattr("mien.parsing.m2fp.engine.PROMISE", 0.5),
        lambda patch: patch.setattr("mien.parsing.m2fp.engine.PASTED", 0.5),
        lambda patch: patch.setattr("mien.parsing.m2fp.engine.fingerprint", lambda *names: "other networks"),
        lambda patch: patch.setattr(Told, "fingerprint", "another"),
    ],
)
def test_whatever_could_change_a_parse_changes_the_fingerprint(
    change: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = M2fpParser(Told(Sights(8, 8).queries()))
    before = parser.fingerprint
    assert before == M2fpParser(Told(Sights(9, 9).queries())).fingerprint
    change(monkeypatch)
    assert parser.fingerprint != before


@pytest.mark.parametrize("name", ["m2fp", *(f"m2fp:{precision}" for precision in PRECISIONS)])
def test_without_the_model_the_user_is_told_how_to_get_it(name: str) -> None:
    with pytest.raises(ModelError, match="mien models pull m2fp"):
        create_parser(name)


@pytest.mark.parametrize("name", ["m2fp:", "m2fp:f64", "lite:int8", "m2fp-int8"])
def test_other_precisions_are_no_engines(name: str) -> None:
    with pytest.raises(MienError, match=f"no engine named {name}"):
        create_parser(name)


def test_a_half_fetched_model_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))
    (tmp_path / "m2fp-multi.source").mkdir()
    (tmp_path / "m2fp-multi.source" / "pytorch_model.pt").write_bytes(b"")
    with pytest.raises(ModelError, match="mien models pull m2fp"):
        load_parser()
