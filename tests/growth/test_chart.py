"""The chart is drawn whatever is known, and is well-formed whatever somebody is called."""

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest

from mien.growth.chart import SIZES, Chart, Size, draw
from mien.growth.curve import fit
from mien.growth.measuring import Point
from mien.growth.references import SEXES

BORN = date(2015, 4, 10)
POINTS = [
    Point("p", "f", date(2019, 4, 10), "beside", 104, 0.03),
    Point("q", "g", date(2022, 4, 10), "proportions", 120, 0.09),
]
MEASURED = [(date(2020, 4, 10), 110.0)]
WHOLE = Chart("Mia", BORN, POINTS, MEASURED, fit(BORN, POINTS, MEASURED))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("chart", "circles", "lines"),
    [
        (WHOLE, 1, 7),
        (replace(WHOLE, source="cdc"), 1, 7),
        (replace(WHOLE, sexes=("boys",)), 1, 4),
        (replace(WHOLE, sexes=()), 1, 1),
        (replace(WHOLE, born=None, curve=None), 1, 0),
        (replace(WHOLE, points=POINTS[:1], born=None, curve=None, measured=()), 1, 0),
        (replace(WHOLE, points=(), curve=None), 0, 6),
        (replace(WHOLE, points=(), measured=(), curve=None), 0, 6),
        (replace(WHOLE, name='<b>"Mia" & Co</b>'), 1, 7),
    ],
)
def test_what_is_drawn(chart: Chart, circles: int, lines: int, size: Size) -> None:
    root = ElementTree.fromstring(draw(chart, size, lambda point: f"#{point.figure_id}"))
    svg = "{http://www.w3.org/2000/svg}"
    width, height, _ = SIZES[size]
    assert root.findtext(f"{svg}title") == f"How {chart.name} grew"
    marks = list(root.iter(f"{svg}circle"))
    assert len(marks) == circles + bool(circles)  # and one in the legend
    assert len(list(root.iter(f"{svg}polyline"))) == lines
    for text in root.iter(f"{svg}text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert 0 <= float(text.attrib["y"]) <= height
    for mark in marks:
        assert 0 <= float(mark.attrib["cx"]) <= width
        assert 0 <= float(mark.attrib["cy"]) <= height


def test_both_sexes_are_girls_and_boys() -> None:
    both = draw(WHOLE)
    assert all(f"growth-{sex}" in both for sex in SEXES)
