"""The chart of a child's growth, as SVG: on a page it takes the page's colours, in a file it stands for itself.

No styles and no scripts: attributes say how it looks in a file, classes let a page's style sheet say otherwise.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Literal

import numpy as np

from mien.growth.curve import Curve
from mien.growth.measuring import Point
from mien.growth.references import SEXES, YEAR, Sex, Source, centile, span
from mien.language import text

Size = Literal["wide", "narrow"]

SIZES: dict[Size, tuple[int, int, int]] = {"wide": (880, 520, 3), "narrow": (380, 440, 2)}
"""Width and height, px, and columns of the legend. A page shows the one that fits, so that its words can be read."""
LEFT, RIGHT, TOP, BOTTOM = 44, 32, 30, 40
"""Px around what is drawn, above it those of the legend come on top."""
LINE = 13
"""Px that a line of words takes."""
LEGEND = 17
"""Px of a line of the legend."""

DRAWN = (3, 50, 97)
"""Centiles of the references."""

_INK, _MUTED, _LINE, _ACCENT, _SURFACE = "#1b1c1d", "#5c5e60", "#dededb", "#0f6b6b", "#ffffff"
_SEX: dict[str, tuple[str, str]] = {"girls": ("#a3357a", "6 3"), "boys": ("#2a5fb0", "2 3")}
"""Colour and dashes."""


@dataclass(frozen=True)
class Chart:
    """What is drawn: see `indexing.growing.Growth`. `source`: the reference, of `sexes` (none: no reference)."""

    name: str
    born: date | None
    points: Sequence[Point]
    measured: Sequence[tuple[date, float]]
    curve: Curve | None
    source: Source = "who"
    sexes: Sequence[Sex] = SEXES


@dataclass(frozen=True)
class _Frame:
    """Where days and cm lie on the picture."""

    width: int
    height: int
    top: int
    days: tuple[int, int]
    cm: tuple[float, float]

    def x(self, day: float) -> float:
        first, last = self.days
        return LEFT + (day - first) / (last - first) * (self.width - LEFT - RIGHT)

    def y(self, cm: float) -> float:
        low, high = self.cm
        return self.height - BOTTOM - (cm - low) / (high - low) * (self.height - self.top - BOTTOM)

    def path(self, days: Sequence[float], cm: Sequence[float]) -> str:
        return " ".join(f"{self.x(d):.1f},{self.y(h):.1f}" for d, h in zip(days, cm, strict=True))


def draw(chart: Chart, size: Size = "wide", link: Callable[[Point], str] | None = None) -> str:
    """The chart as an `<svg>` element. `link`: the address of what stands behind a point."""
    width, height, columns = SIZES[size]
    kinds = _kinds(chart)
    frame = _frame(chart, width, height, TOP + LEGEND * math.ceil(len(kinds) / columns))
    title = text("growth.chart.title", name=chart.name)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="growth-chart growth-{size}" viewBox="0 0 {width} {height}"'
        f' role="img" font-family="system-ui, sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect class="growth-ground" width="{width}" height="{height}" fill="{_SURFACE}"/>',
        *_axes(chart, frame),
        *_references(chart, frame),
        *_curve(chart, frame),
        *(_point(point, frame, link) for point in sorted(chart.points, key=lambda p: p.method == "beside")),
        *(_measured(day, cm, frame) for day, cm in chart.measured),
        *_legend(kinds, chart.source, width, columns),
        "</svg>",
    ]
    return "\n".join(parts)


def _frame(chart: Chart, width: int, height: int, top: int) -> _Frame:
    days = [point.day.toordinal() for point in chart.points] + [day.toordinal() for day, _ in chart.measured]
    cm = [bound for point in chart.points for bound in point.bounds] + [height for _, height in chart.measured]
    if chart.curve is not None:
        days += [chart.curve.days[0].toordinal(), chart.curve.days[-1].toordinal()]
        cm += [min(chart.curve.low), max(chart.curve.high)]
    if chart.born is not None:
        # Whole years of age, at least two, from birth where that is near.
        birth = chart.born.toordinal()
        first, last = min(days, default=birth), max(days, default=birth + 1)
        young = max(0, int((first - birth) / YEAR) - 1)
        old = max(young + 2, int((last - birth) / YEAR) + 1)
        start, end = birth + (0 if young < 3 else young * YEAR), birth + old * YEAR
        if chart.sexes:
            ages = np.clip([start - birth, end - birth], *span(chart.source))
            cm += [float(centile(chart.source, sex, age, c)) for sex in chart.sexes for age in ages for c in (3, 97)]
    else:
        start, end = min(days, default=0) - 60, max(days, default=1) + 60
    low, high = min(cm, default=50), max(cm, default=180)
    return _Frame(width, height, top, (int(start), int(end)), (10 * (low // 10), 10 * (high // 10 + 1)))


def _axes(chart: Chart, frame: _Frame) -> list[str]:
    low, high = frame.cm
    step = 10 if high - low <= 100 else 20
    found = []
    for cm in range(int(low), int(high) + 1, step):
        y = frame.y(cm)
        found.append(_line("growth-grid", LEFT, y, frame.width - RIGHT, y, _LINE))
        found.append(_words(LEFT - 6, y + 4, f"{cm}", "end"))
    found += [_words(6, frame.top - 14, text("growth.chart.cm"), "start")]
    first, last = frame.days
    if chart.born is not None:
        birth = chart.born.toordinal()
        years = round((last - first) / YEAR)
        every = 1 if years <= (12 if frame.width > 500 else 7) else 2
        ages = range(round((first - birth) / YEAR), round((last - birth) / YEAR) + 1, every)
        marks = [(birth + age * YEAR, f"{age}") for age in ages]
        axis = text("growth.chart.age")
    else:
        begun = range(date.fromordinal(first).year + 1, date.fromordinal(last).year + 1)
        marks = [(date(year, 1, 1).toordinal(), f"{year}") for year in begun]
        axis = text("growth.chart.year")
    for day, words in marks:
        x = frame.x(day)
        found.append(_line("growth-grid", x, frame.top, x, frame.height - BOTTOM, _LINE))
        found.append(_words(x, frame.height - BOTTOM + 16, words, "middle"))
    found.append(_words((LEFT + frame.width - RIGHT) / 2, frame.height - 6, axis, "middle"))
    return found


def _references(chart: Chart, frame: _Frame) -> list[str]:
    """The centiles of each sex, named at their ends."""
    if chart.born is None:
        return []
    birth = chart.born.toordinal()
    youngest, oldest = span(chart.source)
    start, end = max(frame.days[0] - birth, youngest), min(frame.days[1] - birth, oldest)
    if start >= end:
        return []
    ages = np.unique(np.append(np.arange(start, end, 45), end))
    found = []
    for percent in DRAWN:
        ends: list[tuple[float, Sex]] = []
        for sex in chart.sexes:
            cm = centile(chart.source, sex, ages, percent)
            line, (colour, dashes) = frame.path((birth + ages).tolist(), cm.tolist()), _SEX[sex]
            found.append(
                f'<polyline class="growth-reference growth-{sex}" points="{line}" fill="none" stroke="{colour}"'
                f' stroke-width="{1.6 if percent == 50 else 1}" stroke-dasharray="{dashes}"/>'
            )
            ends.append((frame.y(float(cm[-1])), sex))
        x, words = frame.x(birth + end) + 4, f"{percent}"
        if len(ends) == 2 and abs(ends[0][0] - ends[1][0]) < LINE:  # one name for both, as two would overlap
            found.append(_words(x, (ends[0][0] + ends[1][0]) / 2 + 4, words, "start"))
        else:
            found += [_words(x, y + 4, words, "start", sex, _SEX[sex][0]) for y, sex in ends]
    return found


def _curve(chart: Chart, frame: _Frame) -> list[str]:
    if chart.curve is None:
        return []
    days = [day.toordinal() for day in chart.curve.days]
    band = frame.path([*days, *reversed(days)], [*chart.curve.low, *reversed(chart.curve.high)])
    middle = frame.path(days, chart.curve.middle)
    return [
        f'<polygon class="growth-band" points="{band}" fill="{_ACCENT}" fill-opacity="0.16"/>',
        f'<polyline class="growth-curve" points="{middle}" fill="none" stroke="{_ACCENT}" stroke-width="2"/>',
    ]


def _point(point: Point, frame: _Frame, link: Callable[[Point], str] | None) -> str:
    x, y = frame.x(point.day.toordinal()), frame.y(point.height)
    low, high = (frame.y(bound) for bound in point.bounds)
    words = text("growth.chart.point", day=point.day.isoformat(), cm=f"{point.height:.0f}", error=f"{point.error:.0f}")
    drawn = (
        f'<g class="growth-point growth-{point.method}"><title>{escape(words)}</title>'
        + _line("growth-error", x, low, x, high, _MUTED)
        + _mark(point.method, x, y)
        + "</g>"
    )
    return drawn if link is None else f'<a href="{escape(link(point))}">{drawn}</a>'


def _measured(day: date, cm: float, frame: _Frame) -> str:
    words = text("growth.chart.measured-on", day=day.isoformat(), cm=f"{cm:g}")
    return f"<g><title>{escape(words)}</title>{_mark('measured', frame.x(day.toordinal()), frame.y(cm))}</g>"


def _mark(kind: str, x: float, y: float) -> str:
    """A point by its kind: told apart by shape, not by colour alone."""
    if kind == "beside":
        return f'<circle class="growth-mark" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_ACCENT}"/>'
    if kind == "measured":
        return f'<rect class="growth-said" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{_INK}"/>'
    corners = f"{x:.1f},{y - 5:.1f} {x + 5:.1f},{y:.1f} {x:.1f},{y + 5:.1f} {x - 5:.1f},{y:.1f}"
    return f'<polygon class="growth-rough" points="{corners}" fill="{_SURFACE}" stroke="{_MUTED}"/>'


def _kinds(chart: Chart) -> list[str]:
    """What is drawn, and so explained."""
    kinds = [kind for kind in ("beside", "proportions") if any(point.method == kind for point in chart.points)]
    kinds += ["measured"] * bool(chart.measured) + ["curve"] * (chart.curve is not None)
    return kinds + (list(chart.sexes) if chart.born is not None else [])


def _legend(kinds: Sequence[str], source: Source, width: int, columns: int) -> list[str]:
    """What the marks mean."""
    found = []
    for i, kind in enumerate(kinds):
        x, y = 16 + (i % columns) * (width - 16) / columns, 14 + (i // columns) * LEGEND
        words = text(f"growth.chart.{kind}", source=text(f"growth.source.{source}"))
        if kind in SEXES:
            swatch = _line(f"growth-reference growth-{kind}", x - 8, y, x + 8, y, *_SEX[kind])
        elif kind == "curve":
            swatch = _line("growth-curve", x - 8, y, x + 8, y, _ACCENT)
        else:
            swatch = _mark(kind, x, y)
        found += [swatch, _words(x + 13, y + 4, words, "start")]
    return found


def _line(name: str, x0: float, y0: float, x1: float, y1: float, colour: str, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    ends = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
    return f'<line class="{name}" {ends} stroke="{colour}"{dashed}/>'


def _words(x: float, y: float, words: str, anchor: str, name: str = "words", colour: str = _MUTED) -> str:
    at = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="growth-{name}" {at} fill="{colour}">{escape(words)}</text>'
