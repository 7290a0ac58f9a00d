"""The visual language: legible in light and dark, and nothing from elsewhere."""

import re
from pathlib import Path

import pytest

from mien.web.rendering import STATIC

VARIABLE = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
COLOURS = {name: shades for name, *shades in VARIABLE.findall((STATIC / "style.css").read_text(encoding="utf-8"))}

TEXT, PARTS = 4.5, 3.0
"""Least contrast of text, and of what only has to be seen (WCAG 2.2, 1.4.3 and 1.4.11)."""

SURFACES = ("surface", "surface-raised", "surface-pressed")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *((ink, surface, TEXT) for ink in ("ink", "ink-muted", "accent", "accent-strong") for surface in SURFACES),
        *((f"{kind}", f"{kind}-soft", TEXT) for kind in ("danger", "warning")),
        ("danger", "surface", TEXT),
        ("accent-strong", "accent-soft", TEXT),
        ("on-accent", "accent", TEXT),
        ("on-accent", "accent-strong", TEXT),
        ("line-strong", "surface", PARTS),
        ("line-strong", "surface-raised", PARTS),
        ("accent", "surface", PARTS),
    ],
)
def test_everything_can_be_read(front: str, back: str, least: float, theme: int) -> None:
    assert contrast(COLOURS[front][theme], COLOURS[back][theme]) >= least


@pytest.mark.parametrize("file", sorted(STATIC.iterdir()), ids=lambda file: file.name)
def test_nothing_comes_from_elsewhere(file: Path) -> None:
    words = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[a-z0-9.-]+\.[a-z]{2,}/|@import|eval\(|document\.write", words)


@pytest.mark.parametrize("file", sorted(STATIC.glob("*.css")), ids=lambda file: file.name)
def test_every_colour_variable_is_known(file: Path) -> None:
    own = set(re.findall(r"(--[a-z-]+):", file.read_text(encoding="utf-8")))
    common = set(re.findall(r"(--[a-z-]+):", (STATIC / "style.css").read_text(encoding="utf-8")))
    assert set(re.findall(r"var\((--[a-z-]+)", file.read_text(encoding="utf-8"))) <= own | common
