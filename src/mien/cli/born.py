"""`mien born PERSON DATE`: say when a person was born."""

from datetime import date
from pathlib import Path

import click

from mien.catalog.library import Library
from mien.cli.decided import tell_decided
from mien.cli.options import Day, json_option, library_option
from mien.indexing import deciding
from mien.language import text


@click.command(help=text("cli.born.help"), short_help=text("cli.born.summary"))
@click.argument("person")
@click.argument("day", type=Day(), required=False, metavar="[DATE]")
@click.option("--unknown", is_flag=True, help=text("cli.born.unknown"))
@library_option
@json_option
def command(person: str, day: date | None, unknown: bool, library_folder: Path | None, as_json: bool) -> None:
    if (day is None) != unknown:
        raise click.UsageError(text("cli.born.either"))
    with Library.open(library_folder) as library:
        tell_decided(library, deciding.born(library, person, day), as_json)
