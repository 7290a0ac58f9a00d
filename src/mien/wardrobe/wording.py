"""Garments, seasons and reasons in the user's words."""

from collections.abc import Callable
from datetime import date

from mien.language import current_language, listed, text
from mien.traits.lexicon import display_name
from mien.traits.traits import Garment as Kind
from mien.traits.traits import Thing
from mien.traits.wording import garment_text, guess_text
from mien.wardrobe.harmony import hued
from mien.wardrobe.recognising import Garment
from mien.wardrobe.statistics import SEASONS
from mien.wardrobe.suggesting import Reason


def garment_words(garment: Garment) -> str:
    """What it is called, else what it looks like: "navy striped top", 藏青色条纹上衣."""
    return garment.name or looks_words(garment)


def looks_words(garment: Garment) -> str:
    """ "navy striped top" """
    pattern = garment.cuts.get("pattern", "plain")
    words = [display_name(colour.name) for colour in garment.colours[:1]]
    words += [guess_text("pattern", pattern)] if pattern != "plain" else []
    kind: Kind | Thing = garment.kind  # type: ignore[assignment]
    words.append(garment_text(kind))
    return ("" if current_language() == "zh" else " ").join(words)


def season_words(season: int) -> str:
    """The months of one of `statistics.SEASONS`: "Dec–Feb"."""
    first, *_, last = SEASONS[season]
    return text("wardrobe.months", first=month_words(first), last=month_words(last))


def month_words(month: int) -> str:
    """ "Dec"; in Chinese "12月"."""
    return text(f"wardrobe.month.{month}")


def reason_words(reason: Reason, day_words: Callable[[date], str] = date.isoformat) -> str:
    """A reason as a sentence. `day_words`: how a day is written."""
    words = _coloured_words if reason.code.startswith("colours-") else garment_words
    return text(
        f"wardrobe.reason.{reason.code}",
        garments=listed([words(garment) for garment in reason.garments]),
        n=reason.count,
        of=reason.of,
        day="" if reason.day is None else day_words(reason.day),
    )


def _coloured_words(garment: Garment) -> str:
    """With the colours that are no neutrals, where its words do not say so: "light grey top (khaki)"."""
    words, colours = garment_words(garment), hued(garment)
    if garment.name is None and colours == list(garment.colours[:1]):
        return words
    named = listed(list(dict.fromkeys(display_name(colour.name) for colour in colours)))
    return text("wardrobe.reason.coloured", garment=words, colours=named)
