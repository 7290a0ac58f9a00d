"""`mien figures`: one row per person seen in a photo."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from mien.catalog import listing
from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_rows, print_table, say
from mien.indexing.deciding import up_to_date
from mien.language import text
from mien.traits.lexicon import display_name
from mien.traits.traits import UNKNOWN, Clothing, Place, from_json
from mien.traits.wording import garment_text, guess_text


@click.command(help=text("cli.figures.help"), short_help=text("cli.figures.summary"))
@library_option
@json_option
def command(library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        up_to_date(library)
        rows = listing.figures(library.catalog)
    if as_json:
        print_rows(asdict(row) for row in rows)
    elif not rows:
        say(text("cli.figures.none"))
    else:
        print_table(
            [text(f"cli.figures.{name}") for name in ("photo", "figure", "person", "score", "traits")],
            (
                (
                    row.photo,
                    row.figure_id,
                    row.person_name or row.person_id,
                    f"{row.score:.2f}",
                    "  ".join(_words(row.traits)),
                )
                for row in rows
            ),
        )


def _words(traits: dict[str, Any]) -> list[str]:
    """What was seen of a figure, in short: garments with their first colour, and what it wears or carries."""
    seen = from_json(traits)
    garments = [_garment(seen.clothing[place]) for place in get_args(Place) if place in seen.clothing]
    worn = [name for name in ("hat", "glasses", "scarf", "bag", "gloves") if name in seen.guesses]
    return garments + [guess_text(name, "yes") for name in worn if seen.guesses[name].value == "yes"]


def _garment(worn: Clothing) -> str:
    """ "red striped top"."""
    pattern = worn.pattern.value if worn.pattern else UNKNOWN
    words = [display_name(colour.name) for colour in worn.colours[:1]]
    words += [guess_text("pattern", pattern)] if pattern not in ("plain", UNKNOWN) else []
    return " ".join([*words, garment_text(worn.garment)])
