"""Charts of a wardrobe as SVG, without styles and scripts: a page may give them its own colours by their classes."""

import math
from collections import Counter
from collections.abc import Sequence
from html import escape

from mien.language import text
from mien.traits.cielab import hex_colour
from mien.traits.lexicon import display_name
from mien.wardrobe.recognising import Outfit
from mien.wardrobe.statistics import Shade
from mien.wardrobe.wording import month_words, season_words

WIDTH, LEFT, ROW, GAP = 380, 76, 28, 10
"""px: of a chart, of the words left of it, of a bar, and between two."""

CELL = 25
"""px of a month."""

LEAST_NAMED = 0.11
"""Share of a bar from which its colour's share is written into it."""

_INK, _LINE, _ACCENT = "#5c5e60", "#84847f", "#0f6b6b"


def seasons(shades: Sequence[Sequence[Shade]]) -> str:
    """A bar for each season, of the colours worn then; "" where nothing is known of any."""
    known = [(number, found) for number, found in enumerate(shades) if found]
    if not known:
        return ""
    parts = [_head(len(known) * (ROW + GAP) - GAP, text("wardrobe.chart.seasons"))]
    for row, (number, found) in enumerate(known):
        y = row * (ROW + GAP)
        parts.append(_words(0, y + ROW / 2 + 4, season_words(number)))
        x = float(LEFT)
        for shade in found:
            across = (WIDTH - LEFT) * shade.share
            words = text("wardrobe.chart.shade", colour=display_name(shade.name), percent=round(100 * shade.share))
            parts.append(
                f'<g><title>{escape(words)}</title><rect class="wardrobe-bar" x="{x:.1f}" y="{y}" width="{across:.1f}"'
                f' height="{ROW}" fill="{hex_colour(shade.lab)}" stroke="{_LINE}"/>'
            )
            if shade.share >= LEAST_NAMED:
                ink = "#1b1c1d" if shade.lab[0] > 55 else "#ffffff"
                parts.append(
                    f'<text x="{x + across / 2:.1f}" y="{y + ROW / 2 + 4:.1f}" text-anchor="middle" fill="{ink}">'
                    f"{round(100 * shade.share)}%</text>"
                )
            parts.append("</g>")
            x += across
    return "\n".join([*parts, "</svg>"])


def months(outfits: Sequence[Outfit]) -> str:
    """A row for each year and a cell for each month, the darker the more days photos show; linked to `#YYYY-MM`."""
    days = {outfit.first.date() for outfit in outfits if outfit.first is not None}
    if not days:
        return ""
    counts = Counter((day.year, day.month) for day in days)
    most, years = max(counts.values()), sorted({year for year, _ in counts}, reverse=True)
    parts = [_head(20 + len(years) * CELL, text("wardrobe.chart.months"))]
    parts += [
        f'<text class="wardrobe-words" x="{LEFT + (month - 0.5) * CELL:.1f}" y="12" text-anchor="middle"'
        f' fill="{_INK}">{month}</text>'
        for month in range(1, 13)
    ]
    for row, year in enumerate(years):
        y = 20 + row * CELL
        parts.append(_words(0, y + CELL / 2 + 4, str(year)))
        for month in range(1, 13):
            number = counts[year, month]
            x = LEFT + (month - 1) * CELL
            if not number:
                parts.append(
                    f'<rect class="wardrobe-empty" x="{x + 1}" y="{y + 1}" width="{CELL - 2}" height="{CELL - 2}"'
                    f' rx="3" fill="none" stroke="{_LINE}" stroke-opacity="0.35"/>'
                )
                continue
            strength = 0.25 + 0.75 * math.sqrt(number / most)
            words = text("wardrobe.chart.days", month=month_words(month), year=year, n=number)
            parts.append(
                f'<a href="#{year}-{month:02}" aria-label="{escape(words)}"><title>{escape(words)}</title>'
                f'<rect class="wardrobe-days" x="{x + 1}" y="{y + 1}" width="{CELL - 2}" height="{CELL - 2}" rx="3"'
                f' fill="{_ACCENT}" fill-opacity="{strength:.2f}"/></a>'
            )
    return "\n".join([*parts, "</svg>"])


def _head(height: int, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wardrobe-chart" viewBox="0 0 {WIDTH} {height}"'
        f' font-family="system-ui, sans-serif" font-size="12" role="group" aria-label="{escape(title)}">'
    )


def _words(x: float, y: float, words: str) -> str:
    return f'<text class="wardrobe-words" x="{x}" y="{y}" fill="{_INK}">{escape(words)}</text>'
