"""A network that has learned, from its checkpoint to the figures: the right people, with the right parts.

It is small, and was trained on drawn people (see the folder `learned`); those asked about here are others. It learned
from small pictures, so the engine shows it small ones; nothing else is otherwise than for the published network.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `m2fp`")
pytest.importorskip("openvino", reason="needs the extra `m2fp`")

from mien.errors import ModelError
from mien.parsing.m2fp import preprocessing
from mien.parsing.m2fp.engine import M2fpParser
from mien.parsing.m2fp.runtime import PRECISIONS, Network
from mien.parsing.parse import Parse
from tests.parsing.m2fp.learned.pictures import HEIGHT, MOST, Drawn, draw
from tests.parsing.m2fp.scenes import agreement, check

HELD_BACK = range(1_000_000, 1_000_016)
"""Training has the first ten thousand."""
PLAIN = 40  # px of a part that nobody overlooks
ALIKE = 0.7  # least IoU of a figure with the person drawn


@dataclass(frozen=True, eq=False)
class Shown:
    """Pictures, and what the engine makes of them."""

    pictures: list[Drawn]
    parses: list[Parse]


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocessing, "SHORT_SIDE", HEIGHT)


@pytest.fixture(scope="module")
def shown(learned: Path) -> Shown:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preprocessing, "SHORT_SIDE", HEIGHT)
        pictures = [draw(seed) for seed in HELD_BACK]
        return Shown(pictures, parsed(learned, pictures))


def parsed(learned: Path, pictures: list[Drawn], precision: str = "f32") -> list[Parse]:
    parser = M2fpParser(Network(learned, precision))
    return [parser.parse(drawn.pixels) for drawn in pictures]


def test_there_are_pictures_of_nobody_and_of_several() -> None:
    assert {int(draw(seed).figures.max()) for seed in HELD_BACK} == set(range(MOST + 1))


def test_everybody_is_one_figure_and_nobody_else_is(shown: Shown) -> None:
    for drawn, parse in zip(shown.pictures, shown.parses, strict=True):
        check(parse)
        table = agreement((drawn.figures, drawn.parts), parse.figures)
        assert table.shape[0] == table.shape[1]
        assert (table >= ALIKE).sum() == len(table), table.round(2)


def test_their_parts_are_theirs_left_and_right_told_apart(shown: Shown) -> None:
    right, labelled, seen, plain, invented = 0, 0, 0, 0, 0
    for drawn, parse in zip(shown.pictures, shown.parses, strict=True):
        table = agreement((drawn.figures, drawn.parts), parse.figures)
        for number, row in enumerate(table, 1):
            found = row.argmax()
            mine = drawn.figures == number
            right += np.count_nonzero(mine & (parse.figures == found + 1) & (parse.parts == drawn.parts))
            labelled += np.count_nonzero(mine)
            areas = np.bincount(drawn.parts[mine], minlength=21)
            seen += np.count_nonzero((areas >= PLAIN) & (parse.areas[found] >= PLAIN / 2))
            plain += np.count_nonzero(areas >= PLAIN)
            invented += np.count_nonzero((parse.areas[found] >= PLAIN) & (areas == 0))
    assert right / labelled > 0.93
    assert seen / plain > 0.97
    assert invented / plain < 0.02


def test_in_a_larger_photo_the_same_people_stand(learned: Path) -> None:
    drawn = next(drawn for drawn in map(draw, HELD_BACK) if drawn.figures.max() == MOST)
    large = cv2.resize(drawn.pixels, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    parse = M2fpParser(Network(learned)).parse(large)
    check(parse)
    assert parse.size == large.shape[1::-1]
    table = agreement((drawn.figures, drawn.parts), parse.figures)
    assert table.shape == (MOST, MOST)
    assert (table.max(1) >= ALIKE).all()


@pytest.mark.parametrize("precision", [name for name in PRECISIONS if name != "f32"])
def test_a_lower_precision_changes_few_labels(learned: Path, shown: Shown, precision: str) -> None:
    apart, people = 0, 0
    for parse, other in zip(shown.parses[:8], parsed(learned, shown.pictures[:8], precision), strict=True):
        assert len(other) == len(parse)
        apart += np.count_nonzero(parse.parts != other.parts)
        people += np.count_nonzero((parse.figures > 0) | (other.figures > 0))
    assert 0 < apart <= 0.007 * people


def test_without_the_ranges_of_its_inputs_a_network_is_not_rounded_to_integers(learned: Path, tmp_path: Path) -> None:
    for file in learned.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    model, about = tmp_path / "model.xml", tmp_path / "model.toml"
    model.write_text(model.read_text(encoding="utf-8").replace("input_ranges", "other"), encoding="utf-8")
    digest = sha256(model.read_bytes()).hexdigest()
    text = about.read_text(encoding="utf-8")
    about.write_text(re.sub(r'("model\.xml" = )"\w+"', rf'\1"{digest}"', text), encoding="utf-8")
    Network(tmp_path)
    with pytest.raises(ModelError, match=r"model\.xml"):
        Network(tmp_path, "int8")
