"""What is said of a drawn figure is what was drawn; what is not in the picture is not said."""

import weakref
from dataclasses import replace
from typing import get_args

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mien.faces.face import Face
from mien.parsing.parse import LANDMARKS, PARTS, Parse
from mien.traits.appearance import LENGTH, appearance_vector
from mien.traits.article import FEATURES, article_features
from mien.traits.chances import chances, models
from mien.traits.describe import describe
from mien.traits.lexicon import entries
from mien.traits.regions import figure_views
from mien.traits.traits import CUTS, VALUES, Colour, Guess, Place, Traits, from_json, to_json, worn_thing
from tests.traits.drawing import Drawing, a_face, parse_of, photo_of


def traits_of(drawing: Drawing, face: Face | None = None) -> Traits:
    photo, parse = drawing.draw()
    [traits] = describe(photo, parse, [face])
    return traits


def values(traits: Traits) -> dict[str, str]:
    return {name: guess.value for name, guess in traits.guesses.items()}


def garments(traits: Traits) -> dict[str, str]:
    return {place: worn.garment for place, worn in traits.clothing.items() if place in get_args(Place)}


def long_haired() -> Drawing:
    face = (22, 52, 66, 94)
    return Drawing().without("hair", "face").wear("hair", (10, 130, 50, 110)).wear("face", face, (224, 172, 140))


def test_nobody() -> None:
    photo, parse = photo_of(np.zeros((30, 40, 3), np.uint8)), Parse.empty(40, 30)
    assert describe(photo, parse, []) == ()
    assert appearance_vector(photo, parse).shape == (0, LENGTH)
    assert article_features(photo, parse, ()).shape == (0, len(FEATURES))


def test_faces_must_match_the_figures() -> None:
    photo, parse = Drawing().draw()
    with pytest.raises(ValueError, match="0 faces for 1 figures"):
        describe(photo, parse, [])


def test_a_plain_figure() -> None:
    traits = traits_of(Drawing(), a_face())
    assert garments(traits) == {"upper": "upper-clothes", "lower": "jeans"}
    assert [colour.name for colour in traits.clothing["upper"].colours] == ["red"]
    assert [colour.name for colour in traits.clothing["lower"].colours] == ["royal blue"]
    assert values(traits) == {
        "hat": "no", "glasses": "no", "scarf": "no", "shoes": "yes", "socks": "no", "hair": "black",
        "hair_length": "short", "legs": "covered", "style": "masculine", "age_group": "unknown",
    }  # fmt: skip
    assert traits.height_ratio == pytest.approx(290 / 320, abs=1e-3)
    assert traits.aspect_ratio == pytest.approx(88 / 290, abs=1e-3)


@pytest.mark.parametrize(
    ("drawing", "worn"),
    [
        pytest.param(Drawing().cut(140), {"upper": "upper-clothes"}, id="cut at the waist"),
        pytest.param(Drawing().cut(50), {}, id="a head"),
        pytest.param(
            Drawing().without("upper-clothes", "pants").wear("dress", (60, 230, 50, 110)),
            {"dress": "dress"},
            id="dress",
        ),
        pytest.param(
            Drawing().without("upper-clothes").wear("dress", (60, 150, 50, 110)),
            {"upper": "upper-clothes", "lower": "jeans"},
            id="a dress that ends at the hips over trousers is a top",
        ),
        pytest.param(
            Drawing().without("pants").wear("dress", (140, 230, 50, 110)),
            {"upper": "dress", "lower": "dress"},
            id="a dress that begins at the waist under a top is seen in two places",
        ),
        pytest.param(
            Drawing().without("pants").wear("skirt", (150, 220, 50, 110)),
            {"upper": "upper-clothes", "lower": "skirt"},
            id="skirt",
        ),
        pytest.param(
            Drawing().wear("coat", (60, 200, 40, 70)).wear("coat", (60, 200, 40, 90)),
            {"upper": "coat", "inner": "upper-clothes", "lower": "jeans"},
            id="an open coat",
        ),
        pytest.param(
            Drawing().wear("coat", (60, 105, 50, 110)),
            {"upper": "coat", "inner": "upper-clothes", "lower": "jeans"},
            id="half coat, half top",
        ),
        pytest.param(
            Drawing()
            .without("pants")
            .wear("pants", (150, 210, 54, 106))
            .wear("left-leg", (210, 280, 84, 106))
            .wear("right-leg", (210, 280, 54, 76)),
            {"upper": "upper-clothes", "lower": "shorts"},
            id="shorts",
        ),
        pytest.param(
            Drawing(posed=False)
            .without("pants")
            .wear("pants", (150, 210, 54, 106))
            .wear("left-leg", (210, 280, 84, 106))
            .wear("right-leg", (210, 280, 54, 76)),
            {"upper": "upper-clothes", "lower": "shorts"},
            id="shorts without a pose",
        ),
        pytest.param(
            Drawing().without("pants").wear("pants", (150, 155, 54, 60)), {"upper": "upper-clothes"}, id="a stray label"
        ),
        pytest.param(
            Drawing(confidence=0.3), {"upper": "unknown", "lower": "unknown"}, id="an unsure engine names no garment"
        ),
    ],
)
def test_garments(drawing: Drawing, worn: dict[str, str]) -> None:
    assert garments(traits_of(drawing)) == worn


def test_an_unknown_garment_still_has_its_colours() -> None:
    traits = traits_of(Drawing(confidence=0.3))
    assert traits.clothing["upper"].garment == "unknown"
    assert traits.clothing["upper"].colours[0].name == "red"


@pytest.mark.parametrize(
    ("drawing", "name", "value"),
    [
        (Drawing().wear("hat", (6, 24, 60, 100)), "hat", "yes"),
        (Drawing(confidence=0.55).wear("hat", (6, 24, 60, 100)), "hat", "unknown"),
        (Drawing().without("hair"), "hat", "unknown"),
        (Drawing().without("hair", "face"), "hat", None),
        (Drawing().wear("sunglasses", (30, 36, 68, 92)), "glasses", "yes"),
        (Drawing().without("face"), "glasses", None),
        (Drawing().wear("scarf", (52, 80, 60, 100)), "scarf", "yes"),
        (Drawing().without("face", "torso-skin"), "scarf", None),
        (Drawing(bag=900), "bag", "yes"),
        (Drawing(), "bag", None),
        (Drawing().cut(250), "shoes", None),
        (
            Drawing()
            .without("left-shoe", "right-shoe")
            .wear("left-leg", (270, 300, 84, 106), (224, 172, 140))
            .wear("right-leg", (270, 300, 54, 76), (224, 172, 140)),
            "shoes",
            "no",
        ),
        (Drawing().without("hair"), "hair", None),
        (Drawing().wear("hair", (10, 40, 62, 98), (205, 165, 105)), "hair", "blond"),
        (Drawing().wear("hair", (10, 40, 62, 98), (240, 60, 170)), "hair", "unknown"),
        (Drawing().without("hair", "face", "torso-skin", "right-arm", "left-arm").cut(150), "style", None),
        (long_haired(), "hair_length", "long"),
        (Drawing(), "arms", None),
        (Drawing(), "legs", "covered"),
        (Drawing(posed=False), "age_group", None),
        (Drawing().cut(250), "age_group", None),
    ],
)
def test_guesses(drawing: Drawing, name: str, value: str | None) -> None:
    assert values(traits_of(drawing)).get(name) == value


@pytest.mark.parametrize(
    ("drawing", "value"),
    [
        (Drawing(), "masculine"),
        (Drawing().cut(140), "masculine"),
        (Drawing(bag=900), "unknown"),
        (Drawing().without("upper-clothes", "pants").wear("dress", (60, 230, 50, 110)), "unknown"),
        (Drawing().without("hair").wear("hair", (16, 24, 70, 90)).cut(54), "unknown"),  # hardly more than a face
        (Drawing().cut(140).without("torso-skin").wear("torso-skin", (52, 80, 58, 102)), "unknown"),  # a bare neck
        (long_haired(), "feminine"),
    ],
)
def test_style(drawing: Drawing, value: str) -> None:
    assert values(traits_of(drawing, a_face()))["style"] == value


def test_a_hat_makes_nobody_masculine() -> None:
    """Hair under it says nothing, and may be long."""
    hatted = Drawing().without("hair").wear("hat", (6, 24, 60, 100)).cut(140)
    assert traits_of(hatted, a_face()).guesses["style"].chances == {"feminine": 0.5, "masculine": 0.5}


@pytest.mark.parametrize("drawing", [Drawing(), long_haired()])
def test_style_is_less_sure_where_no_face_is_found(drawing: Drawing) -> None:
    turned_away, facing = (traits_of(drawing, face).guesses["style"] for face in (None, a_face()))
    assert turned_away.confidence < facing.confidence - 0.1


def test_a_neckline_is_told_by_a_face() -> None:
    bare = Drawing().cut(140).without("torso-skin").wear("torso-skin", (52, 80, 58, 102))
    assert traits_of(bare).guesses["style"] == traits_of(Drawing().cut(140)).guesses["style"]


@pytest.mark.parametrize(("yaw", "value"), [(0.0, "no"), (-75.0, "unknown")])
def test_glasses_may_hide_in_profile(yaw: float, value: str) -> None:
    photo, parse = Drawing().draw()
    assert values(describe(photo, parse, [a_face(yaw)])[0])["glasses"] == value


@pytest.mark.parametrize(("eyes", "value"), [(20, "child"), (26, "child"), (32, "unknown"), (34, "adult")])
def test_an_age_group_by_the_head(eyes: int, value: str) -> None:
    """A body of 9, 13, 19 or 22 times the way from the eyes to the mouth; not without a face."""
    photo, parse = Drawing().draw()
    poses = parse.poses.copy()
    poses[0, [2, 5], 1] = eyes / 320
    parse = replace(parse, poses=poses)
    assert values(describe(photo, parse, [a_face()])[0])["age_group"] == value
    assert "age_group" not in values(describe(photo, parse, [None])[0])


def test_large_regions_are_thinned_without_changing_their_colours() -> None:
    rng = np.random.default_rng(0)
    figures, parts = np.ones((600, 400), np.uint16), np.full((600, 400), 5, np.uint8)
    pixels = np.where(rng.random((600, 400, 1)) < 0.3, [250, 250, 250], [30, 60, 170]).astype(np.uint8)
    [view] = figure_views(photo_of(pixels), parse_of(figures, parts))
    assert len(view.region([5])) < 30_000
    [traits] = describe(photo_of(pixels), parse_of(figures, parts), [None])
    [blue, white] = traits.clothing["upper"].colours
    assert (blue.name, white.name) == ("royal blue", "white")
    assert white.share == pytest.approx(0.3, abs=0.03)


def test_a_photo_is_not_kept_once_it_is_described() -> None:
    figures, parts = np.ones((40, 40), np.uint16), np.full((40, 40), 5, np.uint8)
    photo, parse = photo_of(np.zeros((40, 40, 3), np.uint8)), parse_of(figures, parts)
    assert figure_views(photo, parse) is figure_views(photo, parse)
    pixels = weakref.ref(photo.pixels)
    describe(photo, parse, [None])
    del photo
    assert pixels() is None


def test_a_figure_behind_others_has_no_pixels_and_only_its_box() -> None:
    figures, parts = np.zeros((40, 40), np.uint16), np.zeros((40, 40), np.uint8)
    figures[5:35, 5:35], parts[5:35, 5:35] = 2, 5
    photo, parse = photo_of(np.zeros((40, 40, 3), np.uint8)), parse_of(figures, parts)
    hidden, seen = describe(photo, parse, [None, None])
    assert to_json(hidden) == {"height_ratio": 0.0, "aspect_ratio": 0.0}
    assert set(garments(seen)) == {"upper"}
    vectors = appearance_vector(photo, parse)
    assert not np.nan_to_num(vectors[0]).any()
    assert np.nan_to_num(vectors[1]).any()


def test_a_larger_photo_is_read_at_the_size_of_its_parse() -> None:
    photo, parse = Drawing().draw()
    large = photo_of(np.kron(photo.pixels, np.ones((3, 3, 1), np.uint8)))
    [found], [found_of_large] = describe(photo, parse, [None]), describe(large, parse, [None])
    assert garments(found_of_large) == garments(found)
    assert values(found_of_large) == values(found)
    assert found_of_large.clothing["upper"].colours[0].lab == found.clothing["upper"].colours[0].lab


measured = st.fixed_dictionaries(
    {name: st.floats(-1, 4) for model in models().values() for name in model.measures if name != "resolution"}
)
sizes, confidences = st.tuples(st.floats(0, 500), st.floats(0, 500)), st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(st.sampled_from(sorted(models())), measured, sizes, confidences)
def test_the_same_figure_smaller_or_less_clear_is_never_surer(
    question: str, seen: dict[str, float], sizes: tuple[float, float], confidences: tuple[float, float]
) -> None:
    """What speaks for an answer counts less the smaller a figure is and the less sure its parse: chances move towards
    those of people at large."""
    prior = dict(zip(models()[question].values, models()[question].prior, strict=True))
    far, near = (chances(question, {**seen, "resolution": end(sizes), "sure": end(confidences)}) for end in (min, max))
    spoken_for = max(prior, key=lambda value: near[value] / prior[value])
    assert far[spoken_for] <= near[spoken_for] + 1e-9
    gained = [sum(p[v] * np.log(max(p[v], 1e-300) / prior[v]) for v in prior) for p in (far, near)]
    assert gained[0] <= gained[1] + 1e-9


def smaller(drawing: Drawing, scale: float) -> Traits:
    """Of the same parse, in a photo that shows less than it."""
    photo, parse = drawing.draw()
    size = tuple(max(1, round(side * scale)) for side in photo.pixels.shape[1::-1])
    return describe(photo_of(cv2.resize(photo.pixels, size, interpolation=cv2.INTER_NEAREST)), parse, [None])[0]


@given(st.floats(0.05, 1), st.floats(0.05, 1))
@settings(max_examples=25, deadline=None)
def test_less_is_told_of_the_same_figure_smaller(one: float, other: float) -> None:
    small, large = (smaller(Drawing().wear("hair", (10, 100, 58, 102)), scale) for scale in sorted((one, other)))
    told, told_of_large = (
        {name for name, guess in traits.guesses.items() if guess.value != "unknown"} for traits in (small, large)
    )
    assert told <= told_of_large
    for name in ("style", "hair_length", "legs"):
        assert small.guesses[name].confidence <= large.guesses[name].confidence
    for place in ("upper", "lower"):
        assert small.clothing[place].colours[0].share <= large.clothing[place].colours[0].share + 0.05  # of its px


def test_hardly_anything_is_told_of_a_passer_by() -> None:
    traits = smaller(Drawing().wear("hair", (10, 100, 58, 102)), 0.1)  # 29 px high
    assert {name for name, value in values(traits).items() if value != "unknown"} <= {"shoes", "socks"}
    assert traits.guesses["style"].confidence < 0.6
    assert all(worn.pattern is None or worn.pattern.value == "unknown" for worn in traits.clothing.values())
    assert all(worn.sleeves is None or worn.sleeves.value == "unknown" for worn in traits.clothing.values())
    assert traits.clothing["upper"].colours[0].share < 0.9


@st.composite
def parses(draw: st.DrawFn) -> tuple[np.ndarray, Parse]:
    """Any valid parse: scattered labels, hidden figures, boxes, poses and scores that make no sense."""
    height, width, n = draw(st.integers(1, 40)), draw(st.integers(1, 40)), draw(st.integers(0, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    block = draw(st.sampled_from([1, 4, 15]))
    shape = (-(-height // block), -(-width // block))
    palette = rng.integers(0, len(PARTS), draw(st.integers(1, 8)))

    def coarse(choices: np.ndarray) -> np.ndarray:
        return np.kron(rng.choice(choices, shape), np.ones((block, block), int))[:height, :width]

    figures = coarse(np.arange(n + 1)).astype(np.uint16)
    parts = np.where(figures > 0, coarse(palette), 0).astype(np.uint8)
    unit = st.floats(0, 1, width=32)
    return draw(hnp.arrays(np.uint8, (height, width, 3), fill=st.integers(0, 255))), Parse(
        figures=figures,
        parts=parts,
        boxes=draw(hnp.arrays(np.float32, (n, 4), elements=unit)),
        scores=np.ones(n, np.float32),
        areas=rng.integers(0, 2000, (n, 21)).astype(np.int32),
        confidences=draw(hnp.arrays(np.float32, (n, 21), elements=unit)),
        uncertain=draw(hnp.arrays(np.float32, n, elements=unit)),
        poses=draw(hnp.arrays(np.float32, (n, LANDMARKS, 3), elements=st.floats(-1, 2, width=32) | st.just(np.nan))),
    )


@given(parses())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_parse_is_described_within_the_contract(drawn: tuple[np.ndarray, Parse]) -> None:
    pixels, parse = drawn
    photo = photo_of(pixels)
    found = describe(photo, parse, [None] * len(parse))
    assert len(found) == len(parse)
    names = {entry.name for entry in entries()}
    for traits in found:
        assert 0 <= traits.height_ratio <= 1
        assert traits.aspect_ratio >= 0
        for clothing in traits.clothing.values():
            assert 0 <= clothing.confidence <= 1
            assert sum(clothing.chances.values()) <= 1.04
            shares = [colour.share for colour in clothing.colours]
            assert 1 <= len(shares) <= 3
            assert shares == sorted(shares, reverse=True)
            assert sum(shares) <= 1
            assert all(colour.name in names and 0 <= colour.lab[0] <= 100 for colour in clothing.colours)
        for name, guess in traits.guesses.items():
            assert guess.value in VALUES[name]
            assert 0 <= guess.confidence <= 1
            assert set(guess.chances) <= set(VALUES[name]) - {"unknown"}
            assert sum(guess.chances.values()) == pytest.approx(1, abs=0.04)
        assert from_json(to_json(traits)) == traits
    vectors = appearance_vector(photo, parse)
    assert vectors.shape == (len(parse), LENGTH)
    assert not np.isinf(vectors).any()  # a texture that is not seen is NaN
    assert np.isfinite(article_features(photo, parse, found)).all()


@given(parses())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_mirror_image_has_the_same_colours(drawn: tuple[np.ndarray, Parse]) -> None:
    pixels, parse = drawn
    unposed = replace(parse, poses=np.full_like(parse.poses, np.nan))
    mirrored = replace(unposed, figures=mirror(parse.figures), parts=mirror(parse.parts))
    no_faces = [None] * len(parse)
    straight = describe(photo_of(pixels), unposed, no_faces)
    reversed_ = describe(photo_of(mirror(pixels)), mirrored, no_faces)
    assert [traits.clothing for traits in straight] == [traits.clothing for traits in reversed_]


def mirror(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[:, ::-1])


def test_the_contract_of_the_command_line() -> None:
    record = to_json(traits_of(Drawing()))
    assert set(record) <= {"upper", "inner", "lower", "dress", *VALUES, "height_ratio", "aspect_ratio"}
    assert {"garment", "colours", "confidence", "chances"} <= set(record["upper"])
    assert set(record["upper"]) <= {"garment", "colours", "confidence", "chances", *CUTS}
    assert set(record["upper"]["colours"][0]) == {"name", "lab", "share"}
    assert len(record["upper"]["colours"][0]["lab"]) == 3
    assert set(record["hat"]) == {"value", "confidence", "chances"}


def test_records_of_before_there_were_chances_are_read() -> None:
    worn = {"garment": "coat", "colours": [{"name": "red", "lab": [50.0, 60.0, 30.0], "share": 0.8}], "confidence": 0.7}
    hat, scarf = {"value": "yes", "confidence": 0.8}, {"value": "unknown", "confidence": 0.3}
    traits = from_json({"upper": worn, "hat": hat, "scarf": scarf, "height_ratio": 0.5, "aspect_ratio": 0.4})
    assert traits.clothing["upper"].chances == {"coat": 0.7}
    assert traits.clothing["upper"].pattern is None
    assert traits.guesses["hat"].chances == pytest.approx({"yes": 0.8, "no": 0.2})
    assert traits.guesses["scarf"].chances == {}
    assert from_json(to_json(traits)) == traits


def test_a_thing_keeps_its_colours_beside_its_guess() -> None:
    hat = worn_thing("hat", (Colour("red", (50.0, 60.0, 30.0), 0.8),), Guess("yes", 0.9, {"yes": 0.9, "no": 0.1}))
    traits = Traits(0.5, 0.4, {"hat": hat}, {"hat": Guess("yes", 0.9, {"yes": 0.9, "no": 0.1})})
    assert set(to_json(traits)["hat"]) == {"value", "confidence", "chances", "colours"}
    assert from_json(to_json(traits)) == traits
    assert hat.chances == {"hat": 0.9}
