"""`mien photos`: one row per file."""

from dataclasses import asdict
from pathlib import Path

import click

from mien.catalog import listing
from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_rows, print_table, say
from mien.language import text


@click.command(help=text("cli.photos.help"), short_help=text("cli.photos.summary"))
@library_option
@json_option
def command(library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        rows = listing.photos(library.catalog)
    if as_json:
        print_rows(asdict(row) for row in rows)
    elif not rows:
        say(text("cli.photos.none"))
    else:
        print_table(
            [text(f"cli.photos.{name}") for name in ("taken", "people", "size", "photo")],
            (
                (
                    row.taken_at,
                    "–" if row.photo_id is None else row.figures,
                    None if row.width is None else f"{row.width}×{row.height}",
                    row.photo if row.error is None else f"{row.photo}\n  {row.error}",
                )
                for row in rows
            ),
        )
