"""`mien people`: who is who."""

from dataclasses import asdict
from pathlib import Path

import click

from mien.catalog import listing
from mien.catalog.library import Library
from mien.cli.options import json_option, library_option
from mien.cli.output import print_rows, print_table, say
from mien.indexing.deciding import up_to_date
from mien.language import text


@click.command(help=text("cli.people.help"), short_help=text("cli.people.summary"))
@click.option("--hidden", is_flag=True, help=text("cli.people.hidden"))
@library_option
@json_option
def command(hidden: bool, library_folder: Path | None, as_json: bool) -> None:
    with Library.open(library_folder) as library:
        up_to_date(library)
        rows = listing.people(library.catalog, hidden=hidden)
    if as_json:
        print_rows(asdict(row) for row in rows)
    elif not rows:
        say(text("cli.people.none"))
    else:
        print_table(
            [text(f"cli.people.{name}") for name in ("person", "name", "figures", "photos", "first", "last")],
            ((row.person_id, row.name, row.figures, row.photos, row.first, row.last) for row in rows),
        )
