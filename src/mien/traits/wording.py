"""Traits in the user's words."""

from typing import get_args

from mien.language import Language, text
from mien.traits.lexicon import display_name
from mien.traits.traits import UNKNOWN, Garment, Thing


def garment_text(garment: Garment | Thing, language: Language | None = None) -> str:
    """A garment's or thing's name: "coat" → "coat or jacket", 外套."""
    kind = "place" if garment in get_args(Thing) else "garment"
    return text(f"traits.{kind}.{garment}", language=language)


def guess_text(name: str, value: str, language: Language | None = None) -> str:
    """A guess's value: ("shoes", "no") → "barefoot", 赤脚; ("hair", "grey") → "grey", 灰色; ("sleeves", …) too."""
    if value == UNKNOWN:
        return text("traits.unknown", language=language)
    if name == "hair":
        return display_name(value, "hair", language)
    return text(f"traits.{name}.{value}", language=language)
